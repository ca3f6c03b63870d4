import type { Clock } from '../core/clock.ts'
import { GoogleFailure } from './failure.ts'
import type { Run, Setback } from './run.ts'

/** So many failures in a row look like more than a hiccup, and are shown as such. */
const hiccups = 5
const longestWait = 3600

/** What becomes of a run that failed, by what it failed with (specification 1.7). Nothing waits in the process: the run is let go and taken up again when its time has come. */
export function setbackOf(error: unknown, run: Run, clock: Clock, random: () => number = Math.random): Setback {
  const now = clock.now()
  const failures = run.failures + 1
  const later = (seconds: number): Temporal.Instant => now.add({ seconds: Math.ceil(seconds) })
  // Half of the wait is left to chance, so that those who failed together do not come back together.
  const backoff = (first: number, most: number): number => Math.min(most, first * 2 ** Math.min(run.failures, 20)) * (0.5 + random() / 2)
  const status = failures >= hiccups ? 'FAILED' : 'PENDING'
  if (!(error instanceof GoogleFailure)) return { status, errorCode: 'INTERNAL', nextRunAt: later(backoff(10, longestWait)), failures }
  const asked = error.retryAfterSeconds === null ? 0 : Math.min(error.retryAfterSeconds, 24 * 3600)
  switch (error.kind) {
    case 'rate':
      // The first page of a full list of contacts has a quota of its own, which a minute fills again at the earliest.
      return {
        status,
        errorCode: 'RATE_LIMITED',
        nextRunAt: later(Math.max(asked, isFirstOfList(run) ? Math.min(longestWait, 60 * 2 ** run.failures) : backoff(1, 64))),
        failures,
      }
    case 'daily':
      return {
        status: 'PENDING',
        errorCode: 'RATE_LIMITED',
        nextRunAt: now.toZonedDateTimeISO('America/Los_Angeles').add({ days: 1 }).startOfDay().toInstant(),
        failures,
      }
    case 'unavailable':
    case 'unauthorized':
      return { status, errorCode: 'UNAVAILABLE', nextRunAt: later(Math.max(asked, backoff(2, longestWait))), failures }
    case 'scope':
      return { status: 'SCOPE_MISSING', errorCode: 'SCOPE_MISSING', nextRunAt: null, failures: 0 }
    case 'disabled':
      return { status: 'FAILED', errorCode: 'API_DISABLED', nextRunAt: later(24 * 3600), failures }
    case 'client':
      return { status, errorCode: 'CLIENT_REJECTED', nextRunAt: later(backoff(300, longestWait)), failures }
    case 'expired':
    case 'missing':
    case 'duplicate':
    case 'refused':
      // A place in the list that Google does not know any more: the list begins anew. A first page that is refused is our own mistake, and is not repeated in a hurry.
      return run.pageToken === null
        ? { status: 'FAILED', errorCode: 'REFUSED', nextRunAt: later(longestWait), failures }
        : { status, errorCode: 'UNAVAILABLE', nextRunAt: later(backoff(2, longestWait)), failures, restart: true }
  }
}

function isFirstOfList({ feature, pageToken }: Run): boolean {
  return feature === 'CONTACTS' && pageToken === null
}

/** What a person can make of an error code. */
export function errorMessageOf(code: string | null): string | null {
  return code === null ? null : (messages[code] ?? messages['INTERNAL'] ?? null)
}

const messages: Readonly<Record<string, string>> = {
  RATE_LIMITED: 'Google asks for a pause. It goes on by itself at the time given.',
  UNAVAILABLE: 'Google does not answer at the moment. It is tried again by itself at the time given.',
  SCOPE_MISSING: 'Kith was not allowed to see this. Connect again, and tick its box on Google’s page.',
  NEEDS_REAUTHORIZATION:
    'Google has ended Kith’s access: it was taken back, not used for long, or your password changed. Connect again to go on; nothing that was imported is lost. If it happens every week on a server of your own, its consent screen at Google is still set to “Testing”.',
  API_DISABLED:
    'This API is switched off in the server’s Google project, or by your organisation. Whoever runs the server can switch it on in the Google Cloud console; it is tried again once a day.',
  CLIENT_REJECTED:
    'Google does not accept this server’s credentials. Whoever runs it can find out more with “kith doctor”; nothing of yours has to be done again.',
  REFUSED: 'Google did not understand what Kith asked. Please report this; it is tried again every hour.',
  INTERNAL: 'Something went wrong on our side. It is tried again by itself at the time given.',
}
