import { expect } from 'vitest'
import type { fixedClock } from '../../src/core/clock.ts'
import { type Person } from '../support/app.ts'
import { type Browser, openBrowser, type WebApp } from '../support/web.ts'

export type Kith = WebApp & { clock: ReturnType<typeof fixedClock> }

/** A page as it came. */
export interface Seen {
  status: number
  text: string
  headers: Headers
  location: string
}

/** A browser, signed in where somebody is named. */
export function browserOf(kith: WebApp, who?: Person): Browser {
  const browser = openBrowser(kith.origin)
  const [name = '', value = ''] = who?.browser['cookie']?.split('=') ?? []
  if (who) browser.cookies.set(name, value)
  return browser
}

export async function seen(answer: Promise<Response>): Promise<Seen> {
  const response = await answer
  return { status: response.status, text: await response.text(), headers: response.headers, location: response.headers.get('location') ?? '' }
}

/** Looks at a page; with a language, as a browser that prefers it does. */
export const look = (browser: Browser, path: string): Promise<Seen> => seen(browser.open(path))

/** Sends a form of ours, and follows where it leads to. */
export async function send(browser: Browser, path: string, form: Record<string, string>): Promise<Seen> {
  const answer = await seen(browser.submit(path, form))
  return answer.status === 303 ? look(browser, answer.location) : answer
}

/** A field of a form in a page. */
export function hidden(page: Seen, name: string): string {
  return new RegExp(`name="${name}" value="([^"]*)"`).exec(page.text)?.[1] ?? expect.fail(`The page has no field ${name}.`)
}

/** The link of the latest letter to an address that leads to its request. */
export function linkIn(kith: WebApp, to: string): string {
  const link = kith.mails
    .filter((mail) => mail.to === to)
    .map((mail) => /http\S+\/privacy\/requests\/follow\?token=\S+/.exec(mail.text)?.[0])
    .findLast(Boolean)
  return link ?? expect.fail(`No link was sent to ${to}.`)
}
