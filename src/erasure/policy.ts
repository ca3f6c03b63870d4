import { definePolicy } from '../policy/policy.ts'

/** Rules of what proves that something was erased. */
export const policies = {
  ErasureCertificate: definePolicy('ErasureCertificate', {
    about: 'The signed proof of what an erasure did, with keyed hashes in place of names and addresses.',
    owned: true,
    subject: 'OWNER',
    purposes: ['ACCOUNTABILITY'],
    legalBasis: 'LEGAL_OBLIGATION',
    retention: { after: 'P6Y', from: 'createdAt', why: 'the proof that a request was answered, for as long as claims about it can be brought' },
    onErasure: 'KEEP_AS_EVIDENCE',
    export: { omitted: 'there is none while there is an account to export' },
    columns: {
      ownerId: { category: 'system.key' },
      id: { category: 'system.key' },
      requestId: { category: 'user.unique_id' },
      ledgerSeq: { category: 'system.operations' },
      jws: { category: 'user.behavior' },
      createdAt: { category: 'system.operations' },
    },
  }),
  AppliedErasure: definePolicy('AppliedErasure', {
    about: 'Which entries of the ledger of erasures this database has seen carried out, so that a restored dump is recognised.',
    owned: false,
    subject: 'NOBODY',
    purposes: ['ACCOUNTABILITY'],
    legalBasis: 'LEGAL_OBLIGATION',
    retention: { after: 'P10Y', from: 'appliedAt', why: 'longer than any dump is kept that could be restored' },
    onErasure: 'KEEP_AS_EVIDENCE',
    export: { omitted: 'numbers that say nothing of anybody' },
    columns: { seq: { category: 'system.operations' }, appliedAt: { category: 'system.operations' } },
  }),
}
