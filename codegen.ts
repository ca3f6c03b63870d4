// npm run generate: prints what follows from the schema and the policies: schema.graphql, docs/data-map.md and the other pages that are made of declarations, and typed documents for the tests.
import { mkdir, writeFile } from 'node:fs/promises'
import { generate } from '@graphql-codegen/cli'
import { lexicographicSortSchema, printSchema } from 'graphql'
import { policies } from './src/domains.ts'
import { composePolicy } from './src/policies/compose.ts'
import { policyFacts, policyTemplate } from './src/policies/service.ts'
import { printDataMap, printProcessingRecord } from './src/policy/print.ts'
import { schema } from './src/schema.ts'
import { declaredPromises } from './scripts/promises/declared.ts'
import { printPromises } from './scripts/promises/print.ts'
import { readProofs } from './scripts/promises/proofs.ts'

const root = new URL('./', import.meta.url)
const place = (path: string): URL => new URL(path, root)

await mkdir(place('docs/'), { recursive: true })
await writeFile(place('schema.graphql'), `${printSchema(lexicographicSortSchema(schema))}\n`)
await writeFile(place('docs/data-map.md'), printDataMap(policies))
await writeFile(place('docs/privacy-policy.md'), await examplePolicy())
await writeFile(place('docs/record-of-processing.md'), printProcessingRecord(policies))
await writeFile(place('docs/promises.md'), printPromises(declaredPromises, (await readProofs(root.pathname)).proofs))
await mkdir(place('tests/generated/'), { recursive: true })
await writeFile(place('tests/generated/documents.ts'), await typedDocuments())

/** The privacy policy of a copy of Kith that is run by an example, so that a change of what the program does shows as a change of this page. */
async function examplePolicy(): Promise<string> {
  const controller = {
    name: 'Example Controller',
    address: 'Examplestreet 1, 12345 Exampletown',
    email: 'privacy@example.org',
    country: 'DE',
    authority: 'The supervisory authority of the example',
    dpo: null,
    representative: null,
    processingCountries: ['DE'],
  }
  const config = { controller, google: null, smtpUrl: 'smtps://mail.example.org', blobs: { driver: 'fs' } } as const
  return composePolicy(await policyTemplate(), policyFacts(config, policies, Temporal.Instant.from('2027-01-01T00:00:00Z')))
}

/** The documents of tests/documents/*.graphql with the types of their variables and answers. */
async function typedDocuments(): Promise<string> {
  const files = (await generate(
    {
      cwd: root.pathname,
      schema: 'schema.graphql',
      documents: ['tests/documents/*.graphql'],
      silent: true,
      generates: {
        'tests/generated/': {
          preset: 'client',
          presetConfig: { fragmentMasking: false },
          config: { enumsAsTypes: true, useTypeImports: true, scalars: { DateTime: 'string', Date: 'string' } },
        },
      },
    },
    false,
  )) as { filename: string; content: string }[]
  const made = files.find(({ filename }) => filename.endsWith('graphql.ts'))
  if (!made) throw new Error('The code generator made no typed documents.')
  // graphql has the same type under another name, which spares a dependency.
  return made.content.replace(
    /import type \{ TypedDocumentNode as DocumentNode \} from '[^']+';/,
    "import type { TypedQueryDocumentNode as DocumentNode } from 'graphql';",
  )
}
