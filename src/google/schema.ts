import { builder } from '../graphql/builder.ts'
import { badInput } from '../graphql/errors.ts'
import { connectLink } from './connect.ts'
import { followProgress } from './progress.ts'
import type { Feature } from './features.ts'
import { type Connection, disconnect, type FeatureState, readConnection, readFeatures, readRuns, requestSync, type SyncRun } from './service.ts'
import { errorMessageOf } from './setback.ts'

const GoogleFeature = builder.enumType('GoogleFeature', {
  description: 'What of Google can be connected, each by itself.',
  values: {
    CONTACTS: { description: 'The address book, read only.' },
    GMAIL: { description: 'Who wrote to whom and when; never the text of a message.' },
    CALENDAR: { description: 'Meetings of one’s own calendars.' },
  },
})

const GoogleFeatureStatus = builder.enumType('GoogleFeatureStatus', {
  description: 'How a feature stands.',
  values: {
    OFF: { description: 'Not connected.' },
    PENDING: { description: 'Waits for its next run, at nextRunAt.' },
    SYNCING: { description: 'At work.' },
    IDLE: { description: 'Up to date.' },
    SCOPE_MISSING: { description: 'Its box was not ticked on Google’s page, or was unticked later: connect again.' },
    NEEDS_REAUTHORIZATION: { description: 'Google has ended the access: connect again.' },
    FAILED: { description: 'Failed several times in a row; it is tried again at nextRunAt.' },
  },
})

const GoogleSyncMode = builder.enumType('GoogleSyncMode', {
  description: 'How much a run looks at.',
  values: { FULL: { description: 'Everything there is.' }, INCREMENTAL: { description: 'What has changed since the run before.' } },
})

const GoogleSyncOutcome = builder.enumType('GoogleSyncOutcome', {
  description: 'How a run ended.',
  values: { SUCCEEDED: { description: 'It came to its end.' }, PAUSED: { description: 'It could not go on, and does so later where that can help.' } },
})

const GoogleSyncCount = builder.objectRef<{ name: string; count: number }>('GoogleSyncCount').implement({
  description: 'Something that a run has counted.',
  extensions: { scope: 'google:read' },
  fields: (t) => ({
    name: t.exposeString('name', {
      description: 'What was counted, such as created, removed, or skipped.deleted: left out because its contact was deleted here.',
    }),
    count: t.exposeInt('count', { description: 'How many.' }),
  }),
})

const GoogleSyncRun = builder.objectRef<SyncRun>('GoogleSyncRun').implement({
  description: 'A run that has ended or paused. Runs that found nothing new are not kept.',
  extensions: { scope: 'google:read' },
  fields: (t) => ({
    resource: t.exposeString('resource', { description: 'What of the feature it was about: contacts, groups (labels), otherContacts, gmail or calendar.' }),
    mode: t.field({ type: GoogleSyncMode, description: 'How much it looked at.', resolve: (run) => run.mode }),
    startedAt: t.expose('startedAt', { type: 'DateTime', description: 'When it began.' }),
    endedAt: t.expose('endedAt', { type: 'DateTime', description: 'When it ended or paused.' }),
    outcome: t.field({ type: GoogleSyncOutcome, description: 'How it ended.', resolve: (run) => run.outcome }),
    errorCode: t.exposeString('errorCode', { nullable: true, description: 'Why it paused; null when it did not.' }),
    errorMessage: t.string({ nullable: true, description: 'The same as a sentence.', resolve: (run) => errorMessageOf(run.errorCode) }),
    counts: t.field({
      type: [GoogleSyncCount],
      description: 'What it did and what it left out, in numbers.',
      resolve: (run) => Object.entries(run.tally).map(([name, count]) => ({ name, count })),
    }),
  }),
})

const GoogleFeatureState = builder.objectRef<FeatureState>('GoogleFeatureState').implement({
  description: 'How a feature stands and how far its run has come.',
  extensions: { scope: 'google:read' },
  fields: (t) => ({
    feature: t.field({ type: GoogleFeature, description: 'Which feature.', resolve: (state) => state.feature }),
    status: t.field({ type: GoogleFeatureStatus, description: 'How it stands.', resolve: (state) => state.status }),
    phase: t.exposeString('phase', {
      nullable: true,
      description:
        'What it is at: list, while everything is listed; sort, fetch and history of mail; changes and series of a calendar; label, while contacts get their labels; null at rest.',
    }),
    processed: t.exposeInt('processed', { description: 'How many entries the run under way, or the last one, has been through.' }),
    total: t.exposeInt('total', { nullable: true, description: 'How many there are in all, once Google has said so.' }),
    lastSuccessAt: t.expose('lastSuccessAt', { type: 'DateTime', nullable: true, description: 'When a run last came to its end.' }),
    nextRunAt: t.expose('nextRunAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When the next run begins or goes on; null while one is at work, and where nothing goes on by itself.',
    }),
    errorCode: t.exposeString('errorCode', { nullable: true, description: 'Why the last run paused or failed, such as RATE_LIMITED; null when it did not.' }),
    errorMessage: t.exposeString('errorMessage', { nullable: true, description: 'The same as a sentence, with what one can do.' }),
    runs: t.field({
      type: [GoogleSyncRun],
      description: 'Its last runs, latest first; kept for 30 days.',
      args: { first: t.arg.int({ defaultValue: 10, description: 'How many, 50 at most.' }) },
      resolve: (state, { first }, ctx) => {
        const count = first ?? 10
        if (count < 0 || count > 50) throw badInput('first is from 0 to 50.')
        return readRuns(ctx, state.feature, count)
      },
    }),
  }),
})

/** What is connected. */
export const GoogleConnection = builder.objectRef<Connection>('GoogleConnection').implement({
  description: 'What is connected of the owner’s Google account.',
  extensions: { scope: 'google:read' },
  fields: (t) => ({
    connected: t.exposeBoolean('connected', { description: 'Whether Google lets Kith in at present.' }),
    email: t.exposeString('email', { nullable: true, description: 'The address of the connected account; null when none ever was.' }),
    grantedScopes: t.exposeStringList('grantedScopes', { description: 'What Google has been told to allow, in its own names.' }),
    notice: t.exposeString('notice', { nullable: true, description: 'What one should know of the connection, and can do; null when all is well.' }),
    features: t.field({
      type: [GoogleFeatureState],
      description: 'All features, each with how it stands.',
      resolve: (_connection, _args, ctx) => readFeatures(ctx),
    }),
  }),
})

builder.prismaObjectField('Account', 'google', (t) =>
  t.field({
    type: GoogleConnection,
    description: 'What is connected of the Google account, and how far imports have come.',
    extensions: { scope: 'google:read' },
    resolve: (_account, _args, ctx) => readConnection(ctx),
  }),
)

const GoogleAuthorization = builder.objectRef<{ url: string }>('GoogleAuthorization').implement({
  description: 'Where a consent at Google begins.',
  extensions: { scope: 'google:write' },
  fields: (t) => ({
    url: t.exposeString('url', {
      description: 'To be opened within ten minutes in the browser that is signed in to this account; it leads on to Google’s page and back.',
    }),
  }),
})

builder.mutationField('googleConnect', (t) =>
  t.field({
    type: GoogleAuthorization,
    description:
      'Begins to connect features of the Google account that one signs in with. Connecting contacts again imports them again, which changes nothing that is the same.',
    extensions: { scope: 'google:write' },
    errors: {},
    args: {
      features: t.arg({
        type: [GoogleFeature],
        required: true,
        description: 'Which features; each is asked for with its own scope, and one that is not granted does not hold up the others.',
      }),
      suggestions: t.arg.boolean({
        defaultValue: false,
        description: 'With CONTACTS: also look at people whom you have been in touch with and not saved; see contactSuggestions.',
      }),
    },
    resolve: (_root, args, ctx) => {
      const features: Feature[] = [...new Set(args.features)]
      if (features.length === 0) throw badInput('Name at least one feature.')
      if (args.suggestions && !features.includes('CONTACTS')) throw badInput('suggestions goes with CONTACTS.')
      return { url: connectLink(ctx, { features, suggestions: args.suggestions ?? false }) }
    },
  }),
)

builder.subscriptionField('googleSyncProgress', (t) =>
  t.field({
    type: GoogleFeatureState,
    description: 'How each connected feature stands, and then each change, once a second at most. The stream ends after 15 minutes.',
    extensions: { scope: 'google:read' },
    subscribe: (_root, _args, ctx) => followProgress(ctx),
    resolve: (state: FeatureState) => state,
  }),
)

const ImportedDataChoice = builder.enumType('ImportedDataChoice', {
  description: 'What becomes of what came in.',
  values: {
    KEEP: { description: 'It stays as it is, and is not kept in step any more.' },
    PURGE: { description: 'Everything that came from Google goes. What was written, edited or attached here stays.' },
  },
})

builder.mutationFields((t) => ({
  googleDisconnect: t.field({
    type: GoogleConnection,
    description:
      'Disconnects features, all of them when none are named. Their syncs stop at once; with the last one Kith’s access to the Google account is revoked and its keys are deleted.',
    extensions: { scope: 'google:write' },
    errors: {},
    args: {
      features: t.arg({ type: [GoogleFeature], description: 'Which features; all when left out.' }),
      importedData: t.arg({ type: ImportedDataChoice, required: true, description: 'What becomes of what came in through them.' }),
    },
    resolve: async (_root, { features, importedData }, ctx) => {
      if (features?.length === 0) throw badInput('Name at least one feature, or leave features out for all of them.')
      await disconnect(ctx, features ?? null, importedData)
      return readConnection(ctx)
    },
  }),
  googleSync: t.field({
    type: GoogleFeatureState,
    description:
      'Begins a feature’s next run now, or as soon as Google allows it, and answers how the feature stands. Nothing is to be called for the usual: runs come by themselves.',
    extensions: { scope: 'google:write' },
    errors: {},
    args: {
      feature: t.arg({ type: GoogleFeature, required: true, description: 'Which feature.' }),
      full: t.arg.boolean({ defaultValue: false, description: 'Look at everything again, not only at what has changed. Edits made here stay.' }),
    },
    resolve: (_root, { feature, full }, ctx) => requestSync(ctx, feature, full ?? false),
  }),
}))
