import { getNamedType, type GraphQLOutputType, isLeafType } from 'graphql'

/** What a field costs that does not say so itself: a point for the object it answers, nothing for scalars. A list without paging counts as one object; what it did hold is settled afterwards. */
export function fieldCost(type: GraphQLOutputType): { field: number; multiplier: number } {
  return { field: isLeafType(getNamedType(type)) ? 0 : 1, multiplier: 1 }
}
