import { readdirSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'

test('every row of the fault matrix of the sync with Google has a test that is named for it', () => {
  const directory = new URL('../', import.meta.url)
  const texts = readdirSync(directory, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.test.ts'))
    .map((name) => readFileSync(new URL(name, directory), 'utf8'))
  const named = new Set(
    texts.flatMap((text) => [...text.matchAll(/^\s*(?:\]\)\(|(?:test|describe)(?:\.\w+)*(?:<.*?>)?\(\s*)?['`]row (\d+): /gm)].map(([, row]) => Number(row))),
  )
  expect(Array.from({ length: 38 }, (_, index) => index + 1).filter((row) => !named.has(row))).toEqual([])
})
