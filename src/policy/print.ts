import { dataMap, type MappedColumn, type MappedModel } from './dataMap.ts'
import type { AnyPolicy } from './policy.ts'
import { processingActivities } from './processing.ts'

/** The data map as a page of Markdown: a section a model, a row a column. */
export function printDataMap(policies: Readonly<Record<string, AnyPolicy>>): string {
  return [
    '# Data map',
    '',
    'What every column of the database is, whose it is, why and how long it is held, and what erasure and export do with it.',
    'Printed from the policies in `src/*/policy.ts` by `npm run generate`; `Query.dataMap` answers the same.',
    ...dataMap(policies).flatMap(section),
    '',
  ].join('\n')
}

const head = '| column | category | whose | purposes | legal basis | sealed | kept | on erasure | in an export | comes from |'

function section({ model, about, owned, columns }: MappedModel): string[] {
  return [
    '',
    `## ${model}`,
    '',
    `${about} ${owned ? 'Each row belongs to one owner.' : 'Rows are found without an owner.'}`,
    '',
    head,
    head.replaceAll(/[^|]+/g, '---'),
    ...columns.map(row),
  ]
}

function row(column: MappedColumn): string {
  const { name, category, subject, purposes, legalBasis, sealed, retention, onErasure, provenance } = column
  return `| ${[name, category, subject, purposes.join(', '), legalBasis, sealed ?? '', retention, onErasure, column.export, provenance ?? (category.startsWith('system.') ? 'Kith' : 'the owner')].map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`
}

/** The record of processing activities (GDPR, Article 30) as a page of Markdown, as far as it is the same for every installation. */
export function printProcessingRecord(policies: Readonly<Record<string, AnyPolicy>>): string {
  const list = (values: readonly string[]): string => values.map((value) => `- ${value}`).join('\n')
  return [
    '# Record of processing',
    '',
    'What Kith processes personal data for (GDPR, Article 30), printed from the policies in `src/*/policy.ts` by `npm run generate`. Who the controller is,',
    'who receives data and where they are stored depends on the installation: `Query.processingRecord` adds that.',
    ...processingActivities(policies).flatMap(({ purpose, about, legalBases, subjects, categories, models, sources, kept }) => [
      '',
      `## ${purpose}`,
      '',
      about,
      '',
      list([
        `Legal basis: ${legalBases.join(', ')}`,
        `Whose data: ${subjects.join(', ')}`,
        `Categories: ${categories.join(', ') || 'none but keys'}`,
        `From: ${['the account’s holder', ...sources].join(', ')}`,
        `Tables: ${models.join(', ')}`,
      ]),
      '',
      'Kept:',
      '',
      list(kept),
    ]),
    '',
  ].join('\n')
}
