export { selfAddresses } from './self.ts'
