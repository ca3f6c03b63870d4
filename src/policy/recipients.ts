import type { Config } from '../config.ts'

/** Somebody who receives personal data, or stores them for the controller. The controller is none (GDPR, Article 4(9)). */
export interface Recipient {
  name: string
  /** What they receive and what for, in a sentence. */
  why: string
  /** Where they are: countries, or whose choice it is. */
  where: string
}

/**
 * Who receives personal data from an installation: the one list that the privacy policy, the record of processing and archives print. Google is always
 * on it, since nobody signs in without it; in a demonstration a simulator stands in its place and gets the same.
 */
export function recipientsOf({ controller, smtpUrl, blobs }: Pick<Config, 'controller' | 'smtpUrl' | 'blobs'>): Recipient[] {
  const where = controller.processingCountries.join(', ')
  const stores = { why: 'Stores files for the controller: pictures, uploads and archives, each sealed.', where }
  return [
    { name: 'Google', why: 'Learns that you sign in, and answers what the features that you connect ask for.', where: 'wherever Google has data centres' },
    ...(smtpUrl === null
      ? []
      : [{ name: `The mail provider at ${new URL(smtpUrl).hostname}`, why: 'Takes our messages to you to your own mail provider.', where }]),
    ...(blobs.driver === 's3' ? [{ name: 'The provider of the S3 storage', ...stores }] : []),
    ...(blobs.driver === 'gcs' ? [{ name: 'Google Cloud Storage', ...stores }] : []),
  ]
}
