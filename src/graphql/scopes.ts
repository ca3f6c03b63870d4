import {
  type FragmentDefinitionNode,
  getNamedType,
  type GraphQLCompositeType,
  type GraphQLError,
  type GraphQLField,
  type GraphQLSchema,
  isCompositeType,
  isObjectType,
  isUnionType,
  Kind,
  type OperationDefinitionNode,
  type SelectionSetNode,
} from 'graphql'
import type { Actor, Scope } from '../core/ctx.ts'
import type { FieldScope } from './builder.ts'
import { refusal } from './refusal.ts'

/** What an operation asks of its caller, found in the document alone. */
export interface Needs {
  /** The scopes that a token must carry, sorted. */
  readonly scopes: readonly string[]
  /** Whether it selects anything that is not public. */
  readonly signedIn: boolean
  readonly introspects: boolean
}

/** What a root field without a scope of its own asks: no token has it, so that a forgotten scope shuts the field to tokens instead of opening it. */
const undeclared = 'undeclared'

/** Every scope that an operation touches: of the fields, of the types they belong to, and of the types they answer. Fields below `node`, `nodes` and unions count by the types of their fragments, and what @skip and @include leave out counts too. */
export function needsOf(schema: GraphQLSchema, operation: OperationDefinitionNode, fragments: Readonly<Record<string, FragmentDefinitionNode>>): Needs {
  const scopes = new Set<string>()
  const spread = new Set<string>()
  let signedIn = false
  let introspects = false

  const need = (scope: FieldScope | typeof undeclared | undefined): void => {
    if (scope === undefined || scope === 'public') return
    signedIn = true
    if (scope !== 'signed-in') scopes.add(scope)
  }
  const visit = (set: SelectionSetNode, parent: GraphQLCompositeType, root: boolean): void => {
    for (const node of set.selections) {
      if (node.kind === Kind.FIELD) {
        if (root && (node.name.value === '__schema' || node.name.value === '__type')) introspects = true
        if (node.name.value.startsWith('__') || isUnionType(parent)) continue
        const field = parent.getFields()[node.name.value]
        if (!field) continue
        need(scopeOf(field) ?? (root ? undeclared : undefined))
        need(scopeOf(parent))
        const answered = getNamedType(field.type)
        if (isObjectType(answered)) need(scopeOf(answered))
        if (node.selectionSet && isCompositeType(answered)) visit(node.selectionSet, answered, false)
      } else if (node.kind === Kind.INLINE_FRAGMENT) {
        visit(node.selectionSet, typeNamed(schema, node.typeCondition?.name.value) ?? parent, root)
      } else if (!spread.has(node.name.value)) {
        spread.add(node.name.value)
        const fragment = fragments[node.name.value]
        const type = typeNamed(schema, fragment?.typeCondition.name.value)
        if (fragment && type) visit(fragment.selectionSet, type, root)
      }
    }
  }
  const root = schema.getRootType(operation.operation)
  if (root) visit(operation.selectionSet, root, true)
  return { scopes: [...scopes].toSorted(), signedIn: signedIn || introspects, introspects }
}

/** Why this caller may not run the operation; null when they may. A browser's user has all scopes. */
export function accessError(actor: Actor, needs: Needs): GraphQLError | null {
  if (actor.kind === 'anonymous') {
    return needs.signedIn
      ? refusal('UNAUTHENTICATED', 'Sign in, or send an API token in the Authorization header.', { headers: { 'www-authenticate': 'Bearer realm="Kith"' } })
      : null
  }
  if (actor.kind !== 'token') return null
  const missingScopes = needs.scopes.filter((scope) => !actor.scopes.has(scope as Scope))
  return missingScopes.length > 0
    ? refusal('FORBIDDEN', `The token lacks ${missingScopes.length === 1 ? 'the scope' : 'the scopes'} ${missingScopes.join(', ')}.`, {
        extensions: { missingScopes },
      })
    : null
}

/** The scope that a field or type declares; a connection and its edges have that of what they list. */
export function scopeOf(declared: GraphQLField<unknown, unknown> | GraphQLCompositeType): FieldScope | undefined {
  const own = declared.extensions['scope'] as FieldScope | undefined
  if (own !== undefined || !isObjectType(declared)) return own
  const { nodes, node } = declared.getFields()
  const listed = nodes ?? node
  return listed ? (getNamedType(listed.type).extensions['scope'] as FieldScope | undefined) : undefined
}

function typeNamed(schema: GraphQLSchema, name: string | undefined): GraphQLCompositeType | undefined {
  const type = name === undefined ? undefined : schema.getType(name)
  return isCompositeType(type) ? type : undefined
}
