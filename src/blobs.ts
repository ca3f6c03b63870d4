import { createRequire } from 'node:module'
import { join } from 'node:path'
import { Disk } from 'flydrive'
import { FSDriver } from 'flydrive/drivers/fs'
import { type Config, ConfigError, type Secrets } from './config.ts'

/** Opens the store of blobs: a folder of the data directory, or a bucket. @throws ConfigError when the bucket's client is not installed */
export function openBlobs(config: Config, secrets: Secrets): Disk {
  const { blobs } = config
  if (blobs.driver === 'fs') return new Disk(new FSDriver({ location: join(config.dataDir, 'blobs'), visibility: 'private' }))
  if (blobs.driver === 's3') {
    const { S3Driver } = load<typeof import('flydrive/drivers/s3')>('s3', ['@aws-sdk/client-s3', '@aws-sdk/s3-request-presigner'])
    const { bucket, region, endpoint } = blobs
    // Without a key the SDK asks its own chain, such as the machine's role. A bucket elsewhere than at Amazon is addressed by path.
    return new Disk(
      new S3Driver({
        bucket,
        region,
        visibility: 'private',
        supportsACL: false,
        ...(endpoint && { endpoint, forcePathStyle: true }),
        ...(secrets.s3 && { credentials: secrets.s3 }),
      }),
    )
  }
  const { GCSDriver } = load<typeof import('flydrive/drivers/gcs')>('gcs', ['@google-cloud/storage'])
  return new Disk(new GCSDriver({ bucket: blobs.bucket, visibility: 'private', usingUniformAcl: true }))
}

// The clients of the clouds weigh more than Kith; who keeps files in a bucket installs the one it takes.
function load<Module>(driver: 's3' | 'gcs', packages: readonly string[]): Module {
  try {
    return createRequire(import.meta.url)(`flydrive/drivers/${driver}`) as Module
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined
    if (code !== 'ERR_MODULE_NOT_FOUND' && code !== 'MODULE_NOT_FOUND') throw error
    throw new ConfigError([`KITH_BLOBS names a bucket whose client is not installed; run "npm install ${packages.join(' ')}"`])
  }
}
