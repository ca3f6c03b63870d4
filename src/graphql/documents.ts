import { GraphQLError, type GraphQLSchema, parse, specifiedRules, validate, type ValidationRule } from 'graphql'
import { LRUCache } from 'lru-cache'
import { documentLimits, limitErrors } from './limits.ts'
import { type Operation, operationsOf } from './operation.ts'
import { refusal } from './refusal.ts'

/** A document that may run, or why it may not. */
export type ReadDocument =
  | { readonly operations: readonly Operation[]; readonly errors: null }
  | { readonly operations: null; readonly errors: readonly GraphQLError[] }

/** At most so many errors are told of one document. */
const maxErrors = 5
/** What the cache holds at most, in characters of document text; longer texts than a sixteenth of it are read anew each time. */
const maxCachedChars = 8 * 1024 * 1024

/** Parses, measures and validates documents, remembering the answers by their text. */
export function documentReader(schema: GraphQLSchema): (query: string) => ReadDocument {
  const known = new LRUCache<string, ReadDocument>({
    max: 2000,
    maxSize: maxCachedChars,
    maxEntrySize: maxCachedChars / 16,
    sizeCalculation: (_read, query) => query.length + 100,
  })
  return (query) => {
    let read = known.get(query)
    if (!read) known.set(query, (read = readDocument(schema, query)))
    return read
  }
}

function readDocument(schema: GraphQLSchema, query: string): ReadDocument {
  let document
  try {
    document = parse(query, { maxTokens: documentLimits.tokens })
  } catch (error) {
    if (!(error instanceof GraphQLError)) throw error
    return { operations: null, errors: [parseError(error)] }
  }
  const tooLarge = limitErrors(document)
  if (tooLarge.length > 0) return { operations: null, errors: tooLarge.slice(0, maxErrors) }
  const errors = validate(schema, document, rules, { maxErrors, hideSuggestions: true })
  if (errors.length > 0)
    return {
      operations: null,
      errors: errors.slice(0, maxErrors).map((error) => (error.extensions['code'] ? error : fault('GRAPHQL_VALIDATION_FAILED', error))),
    }
  return { operations: operationsOf(schema, document), errors: null }
}

function parseError(error: GraphQLError): GraphQLError {
  if (error.message.endsWith('Parsing aborted.')) return refusal('GRAPHQL_PARSE_FAILED', `The document has more than ${documentLimits.tokens} tokens.`)
  // Not a slip of the pen: refused with 400 whatever the client accepts.
  if (/Invalid (?:Unicode|character)/.test(error.message)) return refusal('GRAPHQL_PARSE_FAILED', 'The document holds a character that no document may hold.')
  return fault('GRAPHQL_PARSE_FAILED', error)
}

/** PostgreSQL holds no NUL in a text. */
const noNulRule: ValidationRule = (context) => ({
  StringValue: (node) => {
    if (node.value.includes('\0')) context.reportError(refusal('GRAPHQL_VALIDATION_FAILED', 'A text holds no NUL character.'))
  },
})

const rules = [...specifiedRules, noNulRule]

/** A fault of the document itself, for which GraphQL over HTTP asks for 200 where a client accepts application/json only. */
function fault(code: 'GRAPHQL_PARSE_FAILED' | 'GRAPHQL_VALIDATION_FAILED', error: GraphQLError): GraphQLError {
  const { nodes, source, positions } = error
  const message = error.message.slice(0, 300)
  return new GraphQLError(message, {
    nodes: nodes ?? null,
    source: source ?? null,
    positions: positions ?? null,
    extensions: { code, http: { status: 400, spec: true } },
  })
}
