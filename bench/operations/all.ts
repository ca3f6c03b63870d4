import { wholeContacts } from './contact.ts'
import { deepPage } from './deep.ts'
import { datedLists } from './lists.ts'
import { mixedNodes } from './mixed.ts'
import { nestedPages } from './nested.ts'
import type { Operation } from './operation.ts'
import { page } from './pages.ts'
import { search } from './search.ts'
import { writes } from './writes.ts'

/** What the servers are asked for, in the order of docs/performance.md. */
export const operations: readonly Operation[] = [page, ...nestedPages, ...wholeContacts, deepPage, search, ...datedLists, mixedNodes, ...writes]
