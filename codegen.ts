// Prints what is derived from the schema and the policies: schema.graphql, docs/data-map.md.
import { mkdir, writeFile } from 'node:fs/promises'
import { lexicographicSortSchema, printSchema } from 'graphql'
import { policies } from './src/domains.ts'
import { printDataMap } from './src/policy/print.ts'
import { schema } from './src/schema.ts'

const root = new URL('./', import.meta.url)
await mkdir(new URL('docs/', root), { recursive: true })
await writeFile(new URL('schema.graphql', root), `${printSchema(lexicographicSortSchema(schema))}\n`)
await writeFile(new URL('docs/data-map.md', root), printDataMap(policies))
