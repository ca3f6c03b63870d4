import { builder } from '../graphql/builder.ts'
import type { Regime, RequestState, RequestType } from './vocabulary.ts'

/** What can be asked for. */
export const PrivacyRequestType = builder.enumType('PrivacyRequestType', {
  description: 'What can be asked for.',
  values: {
    ACCESS: { description: 'A copy of the data, with what is done with it (GDPR, Article 15).' },
    ACCESS_CATEGORIES: { description: 'The kinds of data that are held, without the data.' },
    PORTABILITY: { description: 'The data in a form that another provider can read (Article 20).' },
    RECTIFICATION: { description: 'That something is put right (Article 16).' },
    ERASURE: { description: 'That the data is deleted (Article 17).' },
    RESTRICTION: { description: 'That the data is only stored (Article 18).' },
    OBJECTION: { description: 'That a use of the data stops (Article 21).' },
    OPT_OUT_SALE_SHARING: { description: 'That the data is neither sold nor shared (CCPA, § 1798.120).' },
    LIMIT_SENSITIVE: { description: 'That sensitive data is used only where it must be (CCPA, § 1798.121).' },
    AUTOMATED_DECISION_REVIEW: { description: 'That a person looks at an automated decision (Article 22).' },
    MINOR_ERASURE: { description: 'That a child’s data is deleted.' },
    COMPLAINT: { description: 'That a complaint is looked into (Article 77 and before).' },
  } satisfies Record<RequestType, object>,
})

/** How far a request has come. */
export const PrivacyRequestState = builder.enumType('PrivacyRequestState', {
  description: 'How far a privacy request has come.',
  values: {
    RECEIVED: { description: 'It has come in.' },
    ACKNOWLEDGED: { description: 'Whoever asked was told so.' },
    AWAITING_IDENTITY: { description: 'It waits for proof of who asks.' },
    IN_ASSESSMENT: { description: 'It is being assessed.' },
    APPROVED: { description: 'It is granted, and will be carried out.' },
    PARTIALLY_APPROVED: { description: 'A part of it is granted, and will be carried out.' },
    DENIED: { description: 'It was refused, with reasons.' },
    EXECUTING: { description: 'It is being carried out.' },
    EXECUTION_FAILED: { description: 'A step failed; it is tried again.' },
    AWAITING_DOWNLOAD: { description: 'There is something to download.' },
    COMPLETED: { description: 'It is done.' },
    WITHDRAWN: { description: 'Whoever asked has withdrawn it.' },
    DUPLICATE: { description: 'The same was asked before, and that request goes on.' },
  } satisfies Record<RequestState, object>,
})

/** Whose law sets the dates. */
export const PrivacyRegime = builder.enumType('PrivacyRegime', {
  description: 'Whose law sets the dates of a privacy request.',
  values: {
    GDPR: { description: 'Europe’s: one month, two more where needed.' },
    CCPA: { description: 'California’s: 45 days, 45 more where needed.' },
    BOTH: { description: 'Both: the earlier of each date.' },
    VOLUNTARY: { description: 'None in particular; the strictest of all is kept.' },
  } satisfies Record<Regime, object>,
})
