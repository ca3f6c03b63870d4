import { join } from 'node:path'
import { Disk } from 'flydrive'
import { FSDriver } from 'flydrive/drivers/fs'
import type { Config, Secrets } from './config.ts'

/** Opens the store of blobs: a folder of the data directory. */
export function openBlobs(config: Config, _secrets: Secrets): Disk {
  return new Disk(new FSDriver({ location: join(config.dataDir, 'blobs'), visibility: 'private' }))
}
