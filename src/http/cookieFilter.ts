import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from 'node:http'
import type { App } from '../app.ts'
import { allowsCategory, type Choices, type CookieUse, cookieRegistry, readChoices, readSignals } from '../consent/service.ts'
import { cookieName } from './cookies.ts'

/** Why a cookie was taken out of an answer: nobody has declared it, or nobody has consented to its kind. */
export type StripReason = 'unregistered' | 'not_consented'

/**
 * Takes out of an answer, whoever wrote it, every cookie that is not in the registry or that the browser has not consented to, and reports it. What an
 * answer says of the browser's choices holds for that answer already. The answer also says that it depends on the signals.
 */
export function filterCookies(app: App, request: IncomingMessage, response: ServerResponse, report: (cookie: string, reason: StripReason) => void): void {
  const writeHead = response.writeHead.bind(response) as (status: number, message?: string) => ServerResponse
  response.writeHead = ((status: number, ...rest: unknown[]) => {
    const message = typeof rest[0] === 'string' ? rest.shift() : undefined
    mergeHeaders(response, rest[0] as OutgoingHttpHeaders | unknown[] | undefined)
    const lines = [response.getHeader('set-cookie') ?? []].flat().map(String)
    if (lines.length > 0) {
      const names = new Map((Object.keys(cookieRegistry) as CookieUse[]).map((use) => [cookieName(app, use), use]))
      const signals = readSignals({ get: (name) => headerOf(request, name) })
      const choices = choicesIn(lines, names) ?? readChoices(cookieOf(request, cookieName(app, 'choices')))
      const kept = lines.filter((line) => {
        const [name = ''] = line.split('=', 1)
        const use = names.get(name.trim())
        // Whatever a browser holds may be taken away from it.
        const isFine = use !== undefined && (isRemoval(line) || allowsCategory(cookieRegistry[use].category, choices, signals, app.clock.now()))
        if (!isFine) report(name.trim(), use === undefined ? 'unregistered' : 'not_consented')
        return isFine
      })
      if (kept.length > 0) response.setHeader('set-cookie', kept)
      else response.removeHeader('set-cookie')
    }
    addVary(response)
    return message === undefined ? writeHead(status) : writeHead(status, message as string)
  }) as ServerResponse['writeHead']
}

/** Headers given with the status join those that were set before, as Node does it. */
function mergeHeaders(response: ServerResponse, headers: OutgoingHttpHeaders | unknown[] | undefined): void {
  if (!headers) return
  const pairs: [string, unknown][] = Array.isArray(headers)
    ? Array.isArray(headers[0])
      ? (headers as [string, unknown][])
      : Array.from({ length: headers.length / 2 }, (_, index) => [String(headers[2 * index]), headers[2 * index + 1]])
    : Object.entries(headers)
  const seen = new Set<string>()
  for (const [name, value] of pairs) {
    if (value === undefined) continue
    if (seen.has(name.toLowerCase())) response.appendHeader(name, value as string | string[])
    else response.setHeader(name, value as string | string[])
    seen.add(name.toLowerCase())
  }
}

const depends = ['Sec-GPC', 'DNT']

function addVary(response: ServerResponse): void {
  const given = response.getHeader('vary')
  if (given === undefined) return void response.setHeader('vary', depends.join(', '))
  const said = [given]
    .flat()
    .flatMap((each) => String(each).split(','))
    .map((each) => each.trim())
    .filter(Boolean)
  const missing = depends.filter((name) => !said.some((each) => each === '*' || each.toLowerCase() === name.toLowerCase()))
  if (missing.length > 0) response.setHeader('vary', [...said, ...missing].join(', '))
}

function choicesIn(lines: readonly string[], names: ReadonlyMap<string, CookieUse>): Choices | undefined {
  const line = lines.findLast((each) => names.get(each.split('=', 1)[0]?.trim() ?? '') === 'choices')
  return line === undefined ? undefined : readChoices(/^[^=]*=([^;]*)/.exec(line)?.[1])
}

function isRemoval(line: string): boolean {
  return /;\s*max-age=0\s*(;|$)/i.test(line) && /^[^=]*=\s*(;|$)/.test(line)
}

function cookieOf(request: IncomingMessage, name: string): string | undefined {
  const found = (request.headers.cookie ?? '').split(';').find((part) => part.split('=', 1)[0]?.trim() === name)
  return found?.slice(found.indexOf('=') + 1).trim()
}

function headerOf(request: IncomingMessage, name: string): string | null {
  const value = request.headers[name]
  return value === undefined ? null : [value].flat().join(', ')
}
