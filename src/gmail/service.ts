export { isMachine } from './bulk.ts'
export { selfAddresses } from './self.ts'
