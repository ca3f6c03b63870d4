/** What bringing a file in costs besides the mutation: a point for each 5,000 bytes, which hold a handful of cards; one of 50 MB takes half of a full bucket. */
export function filePoints(bytes: number): number {
  return Math.ceil(bytes / 5000)
}

/** What an export costs besides the request: a point for each 10 contacts. */
export function exportPoints(contacts: number): number {
  return Math.ceil(contacts / 10)
}

/** What a request to a route costs by itself, as a mutation does. */
export const routePoints = 10
