import { nestedPages } from './nested.ts'
import type { Operation } from './operation.ts'
import { page } from './pages.ts'

/** What the servers are asked for, in the order of docs/performance.md. */
export const operations: readonly Operation[] = [page, ...nestedPages]
