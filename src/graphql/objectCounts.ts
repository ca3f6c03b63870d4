/** How many objects an answer holds beneath its data, of those that were counted as they were made. */
export const objectCounts = new WeakMap<object, number>()
