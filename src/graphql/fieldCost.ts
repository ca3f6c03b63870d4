import { getNamedType, type GraphQLField, isLeafType } from 'graphql'

/** What a field costs that does not say so itself, whatever its arguments: a point for the object it answers, nothing for scalars. A list without paging counts as one object; what it did hold is settled afterwards. */
export function defaultCost(_args: unknown, _ctx: unknown, { type }: Pick<GraphQLField<unknown, unknown>, 'type'>): { field: number; multiplier: number } {
  return { field: isLeafType(getNamedType(type)) ? 0 : 1, multiplier: 1 }
}
