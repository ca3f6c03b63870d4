import { getNamedType, type GraphQLObjectType, isCompositeType, isObjectType } from 'graphql'
import { schema } from '../../src/schema.ts'

/** A document with its variables. */
export interface Asked {
  query: string
  variables: Record<string, unknown>
}

/** Ids that a document may name: of what is shown, and of what is hidden, absent or somebody else's. */
export interface Ids {
  contacts: readonly string[]
  any: readonly string[]
}

const variableTypes = { yes: 'Boolean!', no: 'Boolean!', n: 'Int', m: 'Int', none: 'String', from: 'DateTime', to: 'DateTime' }

/** Makes documents as they come: selections of anything below the hot fields, with aliases, fragments, directives and pages of all kinds. */
export function documents(random: () => number, ids: Ids): () => Asked {
  const any = <Item>(items: readonly Item[]): Item => items[Math.floor(random() * items.length)]!
  const chance = (share: number): boolean => random() < share
  const fieldsOf = (type: GraphQLObjectType) => Object.values(type.getFields())

  return () => {
    let [aliases, directives, budget] = [0, 0, 60]
    const fragments: string[] = []
    const directive = (): string => {
      if (!chance(0.1) || directives >= 8) return ''
      directives += 1
      return any([' @include(if: $yes)', ' @skip(if: $no)', ' @include(if: $no)', ' @skip(if: $yes)', ' @include(if: true)', ' @skip(if: false)'])
    }
    const alias = (name: string): string => `${name.slice(0, 1)}${(aliases += 1)}: ${name}`
    const page = (): string =>
      any(['first: 2', 'first: 3', 'first: 1', 'first: 0', 'first: $n', 'first: $m', 'first: 2, after: $none', 'first: null', 'last: 2'])
    const field = (type: GraphQLObjectType, name: string, depth: number): string => {
      const found = type.getFields()[name]!
      const answered = getNamedType(found.type)
      const takesPages = found.args.some((arg) => arg.name === 'first')
      if (takesPages && aliases >= 10) return 'id'
      const isPage = takesPages && isCompositeType(answered)
      const written = takesPages
        ? `${alias(name)}(${isPage ? page() : 'first: 2'})`
        : chance(0.1) && aliases < 10 && !isCompositeType(answered)
          ? alias(name)
          : name
      if (!isCompositeType(answered)) return `${written}${directive()}`
      if (!isObjectType(answered)) return '__typename'
      return `${written}${directive()} { ${selection(answered, depth - 1)} }`
    }
    const selection = (type: GraphQLObjectType, depth: number): string => {
      const fields = fieldsOf(type).filter(({ type: answer }) => !isCompositeType(getNamedType(answer)) || depth > 0)
      const names = new Set<string>()
      for (let left = 1 + Math.floor(random() * 5); left > 0 && budget > 0; left -= 1) {
        budget -= 1
        names.add(any(fields).name)
      }
      const parts = [...names].map((name) => field(type, name, depth))
      if (chance(0.15)) parts.push('__typename')
      // Told by nearly everything that there is.
      if (chance(0.3) && type.getFields()['id']) parts.push('id')
      if (parts.length === 0) parts.push('__typename')
      if (chance(0.15)) parts[0] = `... on ${type.name}${directive()} { ${parts[0]} }`
      if (chance(0.1)) parts[0] = `...${directive()} { ${parts[0]} }`
      if (chance(0.1) && type.getInterfaces().some(({ name }) => name === 'Node')) parts.push('... on Node { id }')
      if (chance(0.15) && fragments.length < 4) {
        const name = `F${fragments.length}`
        fragments.push('')
        fragments[Number(name.slice(1))] = `fragment ${name} on ${type.name} { ${parts.pop()} __typename }`
        parts.push(`...${name}${directive()}`)
      }
      return parts.join(' ')
    }
    const within = (typename: string, depth: number): string => selection(schema.getType(typename) as GraphQLObjectType, depth)
    const nodeTypes = ['Contact', 'Note', 'Reminder', 'Interaction']
    const fragmentsOn = (): string => `__typename id ${nodeTypes.map((name) => (chance(0.6) ? `... on ${name} { ${within(name, 1)} }` : '')).join(' ')}`
    const root: (() => string)[] = [
      () => `contacts(${page()}${chance(0.3) ? ', includeArchived: $yes' : ''}${order()}${filter()}) { ${within('ContactConnection', 4)} }`,
      () => `contacts(${page()}) { nodes { ${within('Contact', 3)} } }`,
      () => `contact(id: "${any(ids.contacts)}") { ${within('Contact', 3)} }`,
      () => `notes(${page()}) { ${within('NoteConnection', 3)} }`,
      () => `reminders(${page()}${chance(0.5) ? ', filter: { dueAt: { gte: $from, lt: $to } }' : ''}) { ${within('ReminderConnection', 3)} }`,
      () => `interactions(${page()}${chance(0.4) ? ', filter: { occurredAt: { gte: $from } }' : ''}) { ${within('InteractionConnection', 3)} }`,
      () => `node(id: "${any(ids.any)}") { ${fragmentsOn()} }`,
      () => `nodes(ids: ${JSON.stringify(Array.from({ length: Math.floor(random() * 8) }, () => any(ids.any)))}) { ${fragmentsOn()} }`,
      () => `contacts(first: 3, search: "${any(['ada', 'e', 'example', 'nobody'])}") { ${within('ContactConnection', 3)} }`,
    ]
    const order = (): string => (chance(0.4) ? `, orderBy: [{ field: ${any(['LAST_INTERACTION_AT', 'FAMILY_NAME', 'CREATED_AT'])}, direction: DESC }]` : '')
    const filter = (): string => (chance(0.2) ? ', filter: { email: { contains: "example" } }' : '')
    const roots = Array.from({ length: chance(0.2) ? 2 : 1 }, (_, index) => `r${index}: ${any(root)()}`)
    const body = `${roots.join(' ')} ${fragments.join(' ')}`
    const used = Object.entries(variableTypes).filter(([name]) => new RegExp(`\\$${name}\\b`).test(body))
    const head = used.length > 0 ? `query (${used.map(([name, type]) => `$${name}: ${type}`).join(', ')})` : 'query'
    const values = { yes: true, no: false, n: any([0, 1, 2, 4]), m: any([null, 3]), none: null, from: '2027-01-01T00:00:00Z', to: '2027-08-01T00:00:00Z' }
    return {
      query: `${head} { ${roots.join(' ')} } ${fragments.join(' ')}`,
      variables: Object.fromEntries(used.map(([name]) => [name, values[name as keyof typeof values]])),
    }
  }
}
