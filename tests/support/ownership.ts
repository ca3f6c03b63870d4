import { readdirSync, readFileSync } from 'node:fs'
import { policies } from '../../src/domains.ts'

/** The tables of the models whose policies say that they are somebody's. */
export const ownedTables = new Set(
  readdirSync(new URL('../../prisma', import.meta.url))
    .filter((file) => file.endsWith('.prisma'))
    .flatMap((file) => [...readFileSync(new URL(`../../prisma/${file}`, import.meta.url), 'utf8').matchAll(/^model (\w+) \{[\s\S]*?@@map\("(\w+)"\)/gm)])
    .flatMap(([, model = '', table = '']) => (policies[model as keyof typeof policies]?.owned ? [table] : [])),
)

/** The owned tables that a statement reads or writes without saying whose rows it means. */
export function unowned(statement: string): string[] {
  const text = statement.replaceAll(/\s+/g, ' ')
  const mentions = [...text.matchAll(/\b(FROM|JOIN|UPDATE|USING|INTO) (?:ONLY )?(?:"public"\.)?"?(\w+)"?(?: AS)?(?: "?(\w+)"?)?/g)]
  return mentions.flatMap(([, verb, table = '', word = '']) => {
    if (!ownedTables.has(table)) return []
    if (verb === 'INTO') return /^[^)]*"ownerId"/.test(text.slice(text.indexOf(table) + table.length)) ? [] : [table]
    const alias = /^(WHERE|SET|ON|ORDER|GROUP|LIMIT|CROSS|JOIN|LEFT|INNER|UNION|USING|FOR|OFFSET|RETURNING)?$/i.test(word) ? null : word
    const names = alias === null ? [`"public"."${table}".`, `"${table}".`, `${table}.`, ''] : [`"${alias}".`, `${alias}.`]
    return names.some((name) => saysWhose(text, `${name}"ownerId"`)) ? [] : [table]
  })
}

/** Whether a column is compared with a value or with another's, in a WHERE, an ON, or a tuple. */
function saysWhose(text: string, column: string): boolean {
  for (let at = text.indexOf(column); at !== -1; at = text.indexOf(column, at + 1)) {
    if (/[\w".]$/.test(text.slice(0, at)) && !column.startsWith('"public"')) continue
    const before = text.slice(Math.max(0, at - 6), at)
    const after = text.slice(at + column.length)
    if (/^ (=|IN\b)/.test(after) || before.endsWith('= ') || (before.endsWith('(') && /^,[^)]*\) (=|IN|<|>)/.test(after))) return true
  }
  return false
}
