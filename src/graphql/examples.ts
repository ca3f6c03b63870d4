/** The operations that the explorer opens with, a tab each. */
export const exampleTabs = [
  {
    query: `# Who am I? What is connected?
query Viewer {
  viewer {
    email
    name
    timeZone
    usage { contactCount noteCount }
    google {
      connected
      features { feature status processed total }
    }
  }
}
`,
  },
  {
    query: `# The address book, a page at a time, with the latest notes.
query Contacts($search: String, $after: String) {
  contacts(
    first: 20
    after: $after
    search: $search
    orderBy: [{ field: DISPLAY_NAME }]
  ) {
    nodes {
      id
      displayName
      emails { address primary }
      tags
      lastInteractionAt
      notes(first: 3) {
        nodes { body createdAt }
      }
    }
    pageInfo { hasNextPage endCursor }
  }
}
`,
    variables: '{ "search": null }',
  },
  {
    query: `# Someone new. Errors are part of the answer.
mutation AddContact($input: ContactCreateInput!) {
  contactCreate(input: $input) {
    __typename
    ... on Contact { id displayName }
    ... on InvalidInputError {
      issues { path message }
    }
  }
}
`,
    variables: JSON.stringify(
      { input: { name: { given: 'Grace', family: 'Example' }, emails: [{ address: 'grace@example.com', label: 'work' }], tags: ['friends'] } },
      null,
      2,
    ),
  },
  {
    query: `# With whom should I get in touch?
query Due {
  contacts(
    first: 20
    filter: { followUpDueAt: { isNull: false } }
    orderBy: [{ field: FOLLOW_UP_DUE_AT }]
  ) {
    nodes {
      displayName
      followUp { every dueAt overdue }
      lastInteraction { kind occurredAt subject }
    }
  }
}
`,
  },
  {
    query: `# What is held about me, why and how long?
query DataMap {
  dataMap {
    model
    columns {
      name category purposes legalBasis
      sealed retention onErasure export
    }
  }
}
`,
  },
]
