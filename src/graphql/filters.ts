import { builder } from './builder.ts'

/** Comparators of texts. */
export const StringFilter = builder.inputType('StringFilter', {
  description:
    'Comparators of a text; case and accents do not matter. On a list of values: true if some value fits; neq and nin: no value does; isNull: there is none.',
  fields: (t) => ({
    eq: t.string({ description: 'Is this.' }),
    neq: t.string({ description: 'Is not this.' }),
    in: t.stringList({ description: 'Is one of these, at most 100.' }),
    nin: t.stringList({ description: 'Is none of these, at most 100.' }),
    contains: t.string({ description: 'Has this somewhere in it.' }),
    startsWith: t.string({ description: 'Begins with this.' }),
    isNull: t.boolean({ description: 'Is absent (true) or present (false).' }),
  }),
})

/** Comparators of instants. */
export const DateTimeFilter = builder.inputType('DateTimeFilter', {
  description: 'Comparators of an instant; all of them hold.',
  fields: (t) => ({
    gt: t.field({ type: 'DateTime', description: 'After.' }),
    gte: t.field({ type: 'DateTime', description: 'At or after.' }),
    lt: t.field({ type: 'DateTime', description: 'Before.' }),
    lte: t.field({ type: 'DateTime', description: 'At or before.' }),
    isNull: t.boolean({ description: 'Is absent (true) or present (false).' }),
  }),
})
