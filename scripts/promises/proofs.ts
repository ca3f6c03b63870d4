import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'

/** A test, or a group of tests, whose title claims to prove promises. */
export interface Proof {
  ids: string[]
  title: string
  /** From the root of the project. */
  file: string
}

/** A promise’s id as a tag in the title of a test: `[S-14]`. */
export const tag = /\[([FS]-\d\d)\]/g

/** A title that names an id in any other way, which would count for nothing. */
const stray = /(?<!\[)\b[FS]-\d\d\b|\b[FS]-\d\d\b(?!\])/

/** The titles that carry tags, in the order of the files, and those that name an id otherwise. Titles are looked for as text: a test need not be loaded to be found. */
export async function readProofs(root: string): Promise<{ proofs: Proof[]; strays: Proof[] }> {
  const paths = (await readdir(join(root, 'tests'), { recursive: true })).filter((path) => path.endsWith('.test.ts')).toSorted()
  const titles = await Promise.all(paths.map(async (path) => titlesOf(await readFile(join(root, 'tests', path), 'utf8'), `tests/${path}`)))
  const all = titles.flat()
  return { proofs: all.filter(({ ids }) => ids.length > 0), strays: all.filter(({ title }) => stray.test(title)) }
}

/** The titles in a file of tests that name a promise in some way. */
export function titlesOf(source: string, file: string): Proof[] {
  const named = source.matchAll(/^\s*(?:(?:test|describe)\b[^\n]*?\(|\][^\n(]*\)\()(['"`])((?:(?!\1)[^\\\n]|\\.)*\b[FS]-\d\d\b(?:(?!\1)[^\\\n]|\\.)*)\1,/gm)
  const alone = source.matchAll(/^\s*(['"`])((?:(?!\1)[^\\\n]|\\.)*\b[FS]-\d\d\b(?:(?!\1)[^\\\n]|\\.)*)\1,$/gm)
  return [...named, ...alone].map(([, , title = '']) => ({ ids: idsOf(title), title: title.replaceAll(/\\(.)/g, '$1'), file }))
}

/** The ids that a title is tagged with. */
export function idsOf(title: string): string[] {
  return [...new Set([...title.matchAll(tag)].map(([, id = '']) => id))]
}
