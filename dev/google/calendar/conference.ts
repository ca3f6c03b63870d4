import { hashedName } from '../random.ts'
import type { Simulation } from '../simulation.ts'
import type { Account } from '../world.ts'
import type { Calendar } from './calendar.ts'
import { invalidValue } from './errors.ts'
import type { CalendarEvent } from './event.ts'

/** How quickly asked-for video meetings come to be; both conditions must hold. */
export interface ConferenceSettings {
  /** How many times the event must have been read before. */
  afterGets: number
  afterSeconds: number
  /** What becomes of the request in the end. */
  outcome: 'success' | 'failure'
}

type ConferenceData = NonNullable<CalendarEvent['conferenceData']>

/** What a client asks for, as it is stored: with version 0 there are no conferences; a repeated request id gives the conference it gave before. */
export function requestConference(
  { settings }: Simulation,
  account: Account,
  asked: CalendarEvent,
  version: string | undefined,
): Pick<CalendarEvent, 'conferenceData' | 'hangoutLink'> {
  if (version !== '1' || !asked.conferenceData) return {}
  const request = asked.conferenceData.createRequest
  if (!request) return { conferenceData: asked.conferenceData }
  const { requestId } = request
  if (!requestId) throw invalidValue('Invalid conference request: a request id is needed.', 'conferenceData.createRequest.requestId')
  const key = request.conferenceSolutionKey?.type ?? 'hangoutsMeet'
  if (key !== 'hangoutsMeet') throw invalidValue('Invalid conference type value.', 'conferenceData.createRequest.conferenceSolutionKey')
  const known = account.calendars.all().flatMap((calendar) => calendar.entries())
  const same = known.find(({ event }) => event.conferenceData?.createRequest?.requestId === requestId)?.event
  if (same?.conferenceData) return { conferenceData: same.conferenceData, ...(same.hangoutLink && { hangoutLink: same.hangoutLink }) }
  const pending: ConferenceData = { createRequest: { requestId, conferenceSolutionKey: { type: key }, status: { statusCode: 'pending' } } }
  const { afterGets, afterSeconds } = settings.conference
  return afterGets === 0 && afterSeconds === 0 ? settled(pending, settings.conference.outcome) : { conferenceData: pending }
}

/** Brings to an end what is pending in a calendar and due, before anybody reads it; `read` is the event that is being read. */
export function settleConferences({ clock, settings }: Simulation, calendar: Calendar, read?: string): void {
  for (const [id, waiting] of calendar.pending) {
    const event = calendar.find(id)
    const { afterGets, afterSeconds, outcome } = settings.conference
    if (event?.conferenceData?.createRequest?.status?.statusCode !== 'pending') calendar.pending.delete(id)
    else if (waiting.gets >= afterGets && waiting.since.until(clock.now()).total('seconds') >= afterSeconds) {
      calendar.pending.delete(id)
      calendar.edit(id, settled(event.conferenceData, outcome))
    } else if (id === read) waiting.gets++
  }
}

function settled(data: ConferenceData, outcome: ConferenceSettings['outcome']): Pick<CalendarEvent, 'conferenceData' | 'hangoutLink'> {
  const createRequest = { ...data.createRequest, status: { statusCode: outcome } }
  if (outcome === 'failure') return { conferenceData: { ...data, createRequest } }
  const letters = hashedName(40, 'conference', data.createRequest?.requestId ?? '')
    .toLowerCase()
    .replaceAll(/[^a-z]/g, '')
    .padEnd(10, 'k')
  const conferenceId = `${letters.slice(0, 3)}-${letters.slice(3, 7)}-${letters.slice(7, 10)}`
  const uri = `https://meet.google.com/${conferenceId}`
  const conferenceData: ConferenceData = {
    createRequest,
    entryPoints: [{ entryPointType: 'video', uri, label: uri.slice('https://'.length) }],
    conferenceSolution: { key: { type: 'hangoutsMeet' }, name: 'Google Meet' },
    conferenceId,
  }
  return { conferenceData, hangoutLink: uri }
}
