// A process of its own that uses the embedded server of the directory given, until it is told or killed.
import { startEmbedded } from '../../src/db/embedded.ts'

const embedded = await startEmbedded({ dataDir: process.argv[2] ?? '', durable: false })
console.log(JSON.stringify(embedded))
const alive = setInterval(() => {}, 1000)
process.on('SIGTERM', () => {
  clearInterval(alive)
  void embedded.stop()
})
