import DataLoader from 'dataloader'
import type { RequestCtx } from './builder.ts'

const loaders = new WeakMap<RequestCtx, Map<string, unknown>>()

/** The request's loader of that name, made on first use: all keys asked for in one tick are loaded by one call, which answers in the keys' order. */
export function loaderOf<Key extends string, Value>(
  ctx: RequestCtx,
  name: string,
  load: (keys: readonly Key[]) => Promise<readonly Value[]>,
): DataLoader<Key, Value> {
  let named = loaders.get(ctx)
  if (!named) loaders.set(ctx, (named = new Map()))
  let loader = named.get(name) as DataLoader<Key, Value> | undefined
  if (!loader) named.set(name, (loader = new DataLoader<Key, Value>(async (keys) => load(keys), { maxBatchSize: 1000 })))
  return loader
}

/** Forgets what a request has loaded: what it changes next may be other than that. */
export function forgetLoaded(ctx: RequestCtx): void {
  loaders.delete(ctx)
}
