import type { App } from '../app.ts'
import { retentionText } from '../policy/dataMap.ts'
import { processingActivities, processingRecord } from '../policy/processing.ts'
import type { ExportPlan } from '../policy/exportPlan.ts'

/** What whoever asks for access is told beside the data themselves (GDPR, Article 15(1) and (2)): from the declarations by which the server works. */
export function processingInfo(app: App, plan: ExportPlan): object {
  const record = processingRecord(app.policies, app.config)
  const subject = plan.scope === 'PERSON' ? 'CONTACT_PERSON' : undefined
  return {
    controller: record.controller,
    purposes: processingActivities(app.policies, subject).map(({ models: _models, ...activity }) => activity),
    recipients: record.recipients,
    transfers: record.transfers,
    periods: plan.models.map(({ model }) => ({ record: model, kept: keptOf(app, model) })),
    rights: [
      { right: 'to have data put right', law: 'GDPR, Article 16' },
      { right: 'to have data erased', law: 'GDPR, Article 17' },
      { right: 'to have data only stored', law: 'GDPR, Article 18' },
      { right: 'to take data to another service', law: 'GDPR, Article 20' },
      { right: 'to object to a use of data', law: 'GDPR, Article 21' },
      { right: 'to withdraw consent at any time', law: 'GDPR, Article 7(3)' },
    ],
    complaint: { law: 'GDPR, Article 77', authority: record.controller.authority },
    source:
      plan.scope === 'PERSON'
        ? 'People who keep address books here: they wrote the data down, or imported them from Google or from files. Each record says which of these.'
        : 'You, and what you had imported from Google or from files. Each record of a contact says which of these.',
    automatedDecisions: 'None are made, and no profiles with legal or similar effects (Article 22).',
  }
}

function keptOf(app: App, model: string): string[] {
  const policy = app.policies[model]
  if (!policy) return []
  const rules = [policy.retention, ...Object.values(policy.columns).flatMap(({ retention }) => retention ?? [])]
  return [...new Set(rules.map(retentionText))]
}
