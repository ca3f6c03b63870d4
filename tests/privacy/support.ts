// What GraphQL answers is looked at without types here.
/* eslint-disable @typescript-eslint/no-explicit-any */
import { startSession } from '../../src/accounts/sessions.ts'
import { cookieName } from '../../src/http/cookies.ts'
import type { Answer, Person, TestApp } from '../support/app.ts'
import type { fixedClock } from '../../src/core/clock.ts'
import { expect } from 'vitest'

export type Kith = TestApp & { clock: ReturnType<typeof fixedClock> }

const request = 'id type state regime receivedAt dueAt overdue closedAt events { from to reason reasonCode }'

/** Submits a request from the signed-in browser; gives what the field answers. */
export async function submit(kith: TestApp, who: Person, input: object, headers: Record<string, string> = {}): Promise<any> {
  const answer = await kith.graphql(
    `mutation ($input: PrivacyRequestSubmitInput!) { it: privacyRequestSubmit(input: $input) { __typename ... on PrivacyRequest { ${request} } ... on InvalidInputError { message issues { path } } } }`,
    { input },
    { headers: { ...who.browser, ...headers } },
  )
  return it(answer)
}

/** Runs a mutation of a request by id as the signed-in browser. */
export async function onRequest(kith: TestApp, who: Person, field: string, id: string, args = '', variables: object = {}, declared = ''): Promise<any> {
  const answer = await kith.graphql(
    `mutation ($id: ID!${declared && `, ${declared}`}) { it: ${field}(id: $id${args && `, ${args}`}) { __typename ... on PrivacyRequest { ${request} } ... on Error { code message } } }`,
    { id, ...variables },
    { headers: who.browser },
  )
  return it(answer)
}

/** The signed-in holder's requests. */
export async function ownRequests(kith: TestApp, who: Person): Promise<any[]> {
  const { data, errors } = await kith.graphql(`{ viewer { privacyRequests(first: 50) { totalCount nodes { ${request} } } } }`, {}, { headers: who.browser })
  expect(errors).toBeUndefined()
  expect(data.viewer.privacyRequests.totalCount).toBe(data.viewer.privacyRequests.nodes.length)
  return data.viewer.privacyRequests.nodes
}

export const statesOf = (row: { events: { to: string }[] }): string[] => row.events.map(({ to }) => to)

export function it({ data, errors }: Answer): any {
  expect(errors).toBeUndefined()
  return data.it
}

/** The code in the latest letter to an address. */
export function codeIn(kith: TestApp, to: string): string {
  const text = kith.mails
    .filter((mail) => mail.to === to)
    .map((mail) => /(?:code is|Code lautet) (\d{8})/.exec(mail.text)?.[1])
    .findLast(Boolean)
  return text ?? expect.fail(`No code was sent to ${to}.`)
}

/** The same person in a browser that has just signed in. */
export async function signedInAgain(kith: TestApp, who: Person): Promise<Person> {
  const { secret } = await startSession(kith.app, who.ownerId, { userAgent: null })
  return { ...who, browser: { ...who.browser, cookie: `${cookieName(kith.app, 'session')}=${secret}` } }
}
