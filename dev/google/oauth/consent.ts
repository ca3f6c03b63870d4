import { readScopes } from './scopes.ts'

/** What a person does on the pages. */
export interface Consent {
  /** E-mail address of the account to choose; may be left out when the address has a login_hint. */
  account?: string
  /** Boxes to leave unticked. */
  untick?: readonly string[]
  /** Press Deny. */
  deny?: boolean
}

/** Opens an authorization address over HTTP, chooses an account, fills in the consent form and returns where the browser is sent. @throws Error when a page is not as expected */
export async function giveConsent(authorizationUrl: string, { account, untick = [], deny = false }: Consent): Promise<URL> {
  let url = new URL(authorizationUrl)
  for (let pages = 0; pages < 3; pages++) {
    const response = await fetch(url, { redirect: 'manual' })
    const location = response.headers.get('location')
    if (location) return new URL(location)
    const page = await response.text()
    if (response.status !== 200)
      throw new Error(`the authorization endpoint answered ${response.status}: ${/Error: (\w+)/.exec(page)?.[1] ?? page.slice(0, 200)}`)
    const action = /<form method="post" action="([^"]+)"/.exec(page)?.[1]
    if (action) return submit(new URL(unescaped(action), url), page, { untick: readScopes(untick.join(' ')).valid, deny })
    const links = [...page.matchAll(/<a href="([^"]+)"/g)].map((match) => new URL(unescaped(match[1] ?? ''), url))
    const link = links.find((target) => target.searchParams.get('account') === account)
    if (!link) throw new Error(`the account chooser does not offer ${account ?? 'an account without a name'}`)
    url = link
  }
  throw new Error('the pages do not end')
}

async function submit(action: URL, page: string, { untick, deny }: { untick: string[]; deny: boolean }): Promise<URL> {
  const form = new URLSearchParams({ decision: deny ? 'deny' : 'allow' })
  for (const [input] of page.matchAll(/<input [^>]+>/g)) {
    const {
      type,
      name = '',
      value = '',
    } = Object.fromEntries([...input.matchAll(/(\w+)="([^"]*)"/g)].map((match) => [match[1] ?? '', unescaped(match[2] ?? '')]))
    if (type === 'hidden' || !untick.includes(value)) form.append(name, value)
  }
  const response = await fetch(action, { method: 'POST', body: form, redirect: 'manual' })
  const location = response.headers.get('location')
  if (!location) throw new Error(`the consent form answered ${response.status}`)
  return new URL(location)
}

function unescaped(text: string): string {
  return text.replaceAll('&quot;', '"').replaceAll('&#39;', "'").replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&')
}
