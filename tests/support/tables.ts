import { readdirSync, readFileSync } from 'node:fs'
import type { Model } from '../../src/policy/policy.ts'

const directory = new URL('../../prisma/', import.meta.url)
const text = readdirSync(directory)
  .filter((name) => name.endsWith('.prisma'))
  .map((name) => readFileSync(new URL(name, directory), 'utf8'))
  .join('\n')
const tables = new Map([...text.matchAll(/^model (\w+) \{(?:(?!^\}$)[^])*?@@map\("(\w+)"\)/gm)].map(([, model = '', table = '']) => [model, table]))

/** The table of a model. */
export function tableOf(model: Model): string {
  const table = tables.get(model)
  if (!table) throw new Error(`${model} has no table.`)
  return table
}
