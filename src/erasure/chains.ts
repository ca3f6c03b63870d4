import { type Chain, eventChain } from '../events/chains.ts'
import { requestChain } from '../privacy/service.ts'

/** Every kind of hash chain whose ends are signed. */
export const chains: readonly Chain[] = [eventChain, requestChain]
