// Makes the Prisma client for the twin from Kith's own Prisma files: what is sealed there is text here, and participants know their contact.
import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const root = join(import.meta.dirname, '../..')
const generated = join(import.meta.dirname, 'generated')
const files = ['contacts', 'notes', 'reminders', 'interactions'].map((name) => join(root, 'prisma', `${name}.prisma`))

/** Generates it, unless it is there and no older than the files it is made from. */
export function generateTwinClient(): void {
  const client = join(generated, 'client/client.ts')
  const newest = Math.max(...[...files, import.meta.filename].map((file) => statSync(file).mtimeMs))
  if (existsSync(client) && statSync(client).mtimeMs > newest) return
  const models = files
    .map((file) => readFileSync(file, 'utf8'))
    .join('\n')
    .replaceAll(/^( +(?:about|body|title|details|subject|location|name|value) +)Bytes/gm, '$1String')
    .replace(/^( +interactions +InteractionContact\[\])$/m, '$1\n  participations InteractionParticipant[]')
    .replace(/(model InteractionParticipant \{[^}]*?)(\n\n +@@id)/, '$1\n  contact Contact? @relation(fields: [ownerId, contactId], references: [ownerId, id])$2')
  mkdirSync(generated, { recursive: true })
  const generator = `generator client {
  provider = "prisma-client"
  output = "./client"
  runtime = "nodejs"
  moduleFormat = "esm"
  generatedFileExtension = "ts"
  importFileExtension = "ts"
  previewFeatures = ["relationJoins"]
}
datasource db {
  provider = "postgresql"
}
`
  writeFileSync(join(generated, 'schema.prisma'), generator + models)
  execFileSync(process.execPath, [join(root, 'node_modules/prisma/build/index.js'), 'generate', '--schema', join(generated, 'schema.prisma')], { cwd: root, stdio: ['ignore', 'ignore', 'inherit'] })
}
