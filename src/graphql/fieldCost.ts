import { getNamedType, getNullableType, type GraphQLOutputType, isLeafType, isListType } from 'graphql'

/** How many objects a list without paging is taken to hold; what it did hold is settled afterwards. */
const unpagedRows = 3

/** What a field costs that does not say so itself: a point for each object it can answer, nothing for scalars. */
export function fieldCost(type: GraphQLOutputType): { field: number; multiplier: number } {
  if (isLeafType(getNamedType(type))) return { field: 0, multiplier: 1 }
  const rows = isListType(getNullableType(type)) ? unpagedRows : 1
  return { field: rows, multiplier: rows }
}
