import { builder } from '../graphql/builder.ts'
import { badInput } from '../graphql/errors.ts'
import { connectLink } from './connect.ts'
import type { Feature } from './features.ts'
import { type Connection, type FeatureState, readConnection, readFeatures } from './service.ts'

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

const GoogleFeatureState = builder.objectRef<FeatureState>('GoogleFeatureState').implement({
  description: 'How a feature stands and how far its run has come.',
  extensions: { scope: 'google:read' },
  fields: (t) => ({
    feature: t.field({ type: GoogleFeature, description: 'Which feature.', resolve: (state) => state.feature }),
    status: t.field({ type: GoogleFeatureStatus, description: 'How it stands.', resolve: (state) => state.status }),
    phase: t.exposeString('phase', { nullable: true, description: 'What it is at: list, while pages of the address book are read; null at rest.' }),
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
  }),
})

const GoogleConnection = builder.objectRef<Connection>('GoogleConnection').implement({
  description: 'What is connected of the owner’s Google account.',
  extensions: { scope: 'google:read' },
  fields: (t) => ({
    connected: t.exposeBoolean('connected', { description: 'Whether Google lets Kith in at present.' }),
    email: t.exposeString('email', { nullable: true, description: 'The address of the connected account; null when none ever was.' }),
    grantedScopes: t.exposeStringList('grantedScopes', { description: 'What Google has been told to allow, in its own names.' }),
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
    },
    resolve: (_root, args, ctx) => {
      const features: Feature[] = [...new Set(args.features)]
      if (features.length === 0) throw badInput('Name at least one feature.')
      return { url: connectLink(ctx, features) }
    },
  }),
)
