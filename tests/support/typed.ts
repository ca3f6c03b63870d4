import { print, type TypedQueryDocumentNode } from 'graphql'
import type { Graphql } from './app.ts'

/** Sends a typed document and answers its typed data. @throws Error when the answer has top-level errors */
export async function ask<Data, Variables extends Record<string, unknown>>(
  { graphql }: { graphql: Graphql },
  document: TypedQueryDocumentNode<Data, Variables>,
  variables: Variables,
): Promise<Data> {
  const { data, errors } = await graphql(print(document), variables)
  if (errors) throw new Error(errors.map(({ message }) => message).join('\n'))
  return data as Data
}
