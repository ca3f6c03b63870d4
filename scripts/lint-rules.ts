// Rules of our own for oxlint: who imports whom, and who may ask for the time or the environment. They look at the file an import leads to, not at how it is written.
import { dirname, relative, resolve, sep } from 'node:path'
import { fileURLToPath } from 'node:url'

interface Node {
  type: string
  [property: string]: unknown
}
interface Context {
  filename: string
  report(problem: { node: Node; message: string }): void
}

const root = fileURLToPath(new URL('..', import.meta.url))

/** Folders of src that are no domains. */
const foundation = new Set(['core', 'db', 'vault', 'policy', 'events', 'jobs', 'graphql', 'http', 'commands', 'directory'])
/** Files of a domain that speak GraphQL or HTTP; all others hold rules and know neither. */
const facing = /^(schema|mutations|inputs|ids|routes|domain)\b|^(schema|routes)\//
/** A domain's face beside its service.ts. Of contacts: how an argument names one, what one is made of (shapes and their normal forms, pure and without rules), how address books are written and read whole, and what holds a contact still while something is written about it. */
const faces = new Set(
  [
    'addressChanges.ts',
    'atHand.ts',
    'ids.ts',
    'draft.ts',
    'partial-date.ts',
    'normalize.ts',
    'matchKey.ts',
    'sources.ts',
    'drafts.ts',
    'toDraft.ts',
    'state.ts',
    'values.ts',
    'save.ts',
    'sourceEnds.ts',
  ].map((file) => `contacts/${file}`),
)
/** What is another domain's own business, in a folder of its own: merging contacts, and what is synced with Google. */
const insiders: Readonly<Record<string, string>> = { merges: 'contacts', gmail: 'google', calendar: 'google' }
/** Domains that walk policies and events and know no other domain. */
const walkers = new Set(['privacy', 'retention', 'audit', 'webhooks'])

interface Place {
  /** `src`, `dev`, `tests` … */
  top: string
  /** The folder in src, or empty for a file of src itself. */
  folder: string
  /** The path below the folder. */
  file: string
  isDomain: boolean
}

function placeOf(path: string): Place {
  const [top = '', ...rest] = relative(root, path).split(sep)
  const folder = top === 'src' && rest.length > 1 ? (rest[0] ?? '') : ''
  return { top, folder, file: (folder ? rest.slice(1) : rest).join('/'), isDomain: folder !== '' && !foundation.has(folder) }
}

/** Says why one file may not import another; undefined when it may. */
function refusal(from: Place, to: Place, typeOnly: boolean): string | undefined {
  if (from.top !== 'src') return undefined
  if (to.top !== 'src') return to.file === 'package.json' || to.top === 'package.json' ? undefined : 'Nothing in src imports what is outside of it.'
  const same = from.folder === to.folder
  if (from.folder === 'core' && !same && !typeOnly) return 'core imports only types from elsewhere.'
  if (to.folder === 'commands' && from.folder !== 'commands' && !(from.folder === '' && from.file === 'main.ts')) return 'Only main.ts runs commands.'
  if (to.folder === '') {
    const outer = from.folder === '' || from.folder === 'commands'
    if (to.file === 'env.ts' && !(outer || typeOnly)) return 'Only config.ts and the commands read the environment.'
    if (['app.ts', 'domains.ts', 'schema.ts'].includes(to.file) && !outer && !typeOnly) return `${to.file} wires the others together; they know only its types.`
  }
  if (!from.isDomain) {
    const reachesDomains = ['domains.ts', 'app.ts'].includes(from.file) && from.folder === ''
    if (to.isDomain && from.folder === '' && from.file === 'domains.ts' && to.file !== 'domain.ts') return 'domains.ts lists domains.'
    if (to.isDomain && !typeOnly && ['core', 'db', 'vault', 'policy', 'events', 'jobs', 'graphql'].includes(from.folder))
      return `${from.folder} knows no domain.`
    if (to.isDomain && to.file === 'domain.ts' && !reachesDomains) return 'Only domains.ts lists domains.'
    return undefined
  }
  if (!facing.test(from.file) && (to.folder === 'graphql' || to.folder === 'http' || (to.isDomain && /^(schema|routes)\b/.test(to.file))))
    return 'Rules know neither GraphQL nor HTTP: only schema.ts (mutations.ts, inputs.ts, ids.ts), routes.ts and domain.ts do.'
  if (same || !to.isDomain) return undefined
  if (walkers.has(from.folder)) return `${from.folder} knows no domain: it walks the policies and the events.`
  if (insiders[from.folder] === to.folder) return undefined
  if (to.file !== 'service.ts' && !faces.has(`${to.folder}/${to.file}`))
    return `A domain reaches another only through its service.ts; ${to.folder}/${to.file} is its own business.`
  return undefined
}

const importDirection = {
  create: (context: Context) => {
    const from = placeOf(context.filename)
    const check = (node: Node): void => {
      const source = node['source'] as { value?: unknown } | null
      if (typeof source?.value !== 'string' || !source.value.startsWith('.')) return
      const specifiers = (node['specifiers'] ?? []) as { importKind?: string }[]
      const typeOnly =
        node['importKind'] === 'type' || node['exportKind'] === 'type' || (specifiers.length > 0 && specifiers.every((each) => each.importKind === 'type'))
      const message = refusal(from, placeOf(resolve(dirname(context.filename), source.value)), typeOnly)
      if (message) context.report({ node, message })
    }
    return { ImportDeclaration: check, ExportNamedDeclaration: check, ExportAllDeclaration: check, ImportExpression: check }
  },
}

const isNamed = (node: unknown, name: string): boolean => (node as Node | null)?.type === 'Identifier' && (node as Node)['name'] === name
const memberOf = (node: Node, object: string, property: string): boolean => {
  const key = node['property'] as Node
  const owner = node['object'] as Node
  const owned = isNamed(owner, object) || (owner.type === 'MemberExpression' && isNamed(owner['object'], 'globalThis') && isNamed(owner['property'], object))
  return owned && (isNamed(key, property) || key['value'] === property)
}

const noSystemTime = {
  create: (context: Context) => {
    const message = 'Only core/clock.ts asks for the time: take it from the clock of the ctx.'
    const bare = (node: Node): void => {
      if (isNamed(node['callee'], 'Date') && (node.type === 'CallExpression' || (node['arguments'] as unknown[]).length === 0))
        context.report({ node, message })
    }
    return {
      NewExpression: bare,
      CallExpression: bare,
      MemberExpression: (node: Node) => {
        if (memberOf(node, 'Date', 'now') || memberOf(node, 'Temporal', 'Now') || memberOf(node, 'performance', 'timeOrigin')) context.report({ node, message })
      },
      VariableDeclarator: (node: Node) => {
        if ((node['id'] as Node).type === 'ObjectPattern' && (isNamed(node['init'], 'Temporal') || isNamed(node['init'], 'Date')))
          context.report({ node, message })
      },
    }
  },
}

const noEnvironment = {
  create: (context: Context) => {
    const message = 'Only env.ts reads the environment.'
    return {
      MemberExpression: (node: Node) => {
        if (memberOf(node, 'process', 'env')) context.report({ node, message })
      },
      VariableDeclarator: (node: Node) => {
        if ((node['id'] as Node).type === 'ObjectPattern' && isNamed(node['init'], 'process')) context.report({ node, message })
      },
      ImportDeclaration: (node: Node) => {
        if (/^(node:)?process$/.test(String((node['source'] as { value: unknown }).value)))
          context.report({ node, message: `${message} Use the global process.` })
      },
    }
  },
}

// oxlint asks for a default export.
export default { meta: { name: 'kith' }, rules: { 'import-direction': importDirection, 'no-system-time': noSystemTime, 'no-environment': noEnvironment } }
