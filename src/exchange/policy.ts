import { definePolicy } from '../policy/policy.ts'

/** Rules of imports. */
export const policies = {
  ImportRun: definePolicy('ImportRun', {
    about: 'Address books that the owner brought in as files, and what became of them. The file itself goes as soon as it has been read.',
    owned: true,
    subject: 'OWNER',
    purposes: ['CRM'],
    legalBasis: 'CONTRACT',
    retention: 'ACCOUNT',
    onErasure: 'DELETE',
    export: 'AS_IS',
    columns: {
      ownerId: { category: 'system.key', export: { omitted: 'the key of storage, not of the person' } },
      id: { category: 'system.key' },
      format: { category: 'system.operations' },
      state: { category: 'system.operations' },
      blobKey: { category: 'system.operations', export: { omitted: 'the place of a file that is gone once it has been read' } },
      bytes: { category: 'system.operations' },
      processed: { category: 'system.operations' },
      created: { category: 'system.operations' },
      updated: { category: 'system.operations' },
      unchanged: { category: 'system.operations' },
      skipped: { category: 'system.operations' },
      attempts: { category: 'system.operations' },
      error: { category: 'system.operations' },
      createdAt: { category: 'system.operations' },
      finishedAt: { category: 'system.operations' },
    },
  }),
  ImportRow: definePolicy('ImportRow', {
    about: 'Why a card or line of an import was left out, by its place in the file; never what it says.',
    owned: true,
    subject: 'OWNER',
    purposes: ['CRM'],
    legalBasis: 'CONTRACT',
    retention: 'ACCOUNT',
    onErasure: 'DELETE',
    export: 'AS_IS',
    columns: {
      ownerId: { category: 'system.key', export: { omitted: 'the key of storage, not of the person' } },
      importId: { category: 'system.key' },
      index: { category: 'system.operations' },
      outcome: { category: 'system.operations' },
      message: { category: 'system.operations' },
    },
  }),
}
