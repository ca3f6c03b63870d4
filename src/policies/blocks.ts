import type { PolicyFacts } from './facts.ts'

/** The parts of a policy that are printed from the facts; each must be there. */
export const blockNames = ['controller', 'purposes', 'categories', 'retention', 'cookies', 'recipients', 'countries'] as const
/** A part of a policy that is printed from the facts. */
export type BlockName = (typeof blockNames)[number]

/** What stands between the marks of a part. */
export function printBlock(name: BlockName, facts: PolicyFacts): string {
  return printers[name](facts).join('\n')
}

const regionNames = new Intl.DisplayNames('en', { type: 'region' })
const countryOf = (code: string): string => regionNames.of(code) ?? code

const bases: Readonly<Record<string, string>> = {
  CONTRACT: 'our contract with you (GDPR, Article 6(1)(b))',
  CONSENT: 'your consent (Article 6(1)(a))',
  LEGITIMATE_INTEREST: 'a legitimate interest (Article 6(1)(f))',
  LEGAL_OBLIGATION: 'a legal obligation (Article 6(1)(c))',
}

const printers: Record<BlockName, (facts: PolicyFacts) => string[]> = {
  controller: ({ controller }) => [
    `- Controller: ${controller.name}, ${controller.address}, ${countryOf(controller.country)}`,
    `- Write to: ${controller.email}`,
    ...(controller.dpo === null ? [] : [`- Data protection officer: ${controller.dpo}`]),
    ...(controller.representative === null ? [] : [`- Representative in the Union: ${controller.representative}`]),
    `- Supervisory authority: ${controller.authority}`,
  ],
  purposes: ({ purposes }) =>
    purposes.map(({ title, legalBasis, because, notice, validFor, recipients }) => {
      const more = [
        ...(because === null ? [] : [`Why: ${because}`]),
        ...(validFor === null ? [] : [`Your consent lasts ${periodText(validFor)}.`]),
        ...(recipients.length > 0 ? [`Goes to or comes from: ${recipients.join(', ')}.`] : []),
      ]
      return [`- **${title}**, on the ground of ${bases[legalBasis] ?? legalBasis}. ${notice}`, ...more].join(' ')
    }),
  categories: ({ categories }) => categories.map((category) => `- ${category}`),
  retention: ({ retention }) => [
    '| what | kept until | and then for | in the end |',
    '|---|---|---|---|',
    ...retention.map(({ key, period, startsAt, action }) => `| ${key} | ${startsAt} | ${periodText(period)} | ${actions[action] ?? action} |`),
  ],
  cookies: ({ cookies }) => [
    '| cookie | kind | what it does | at most |',
    '|---|---|---|---|',
    ...cookies.map(({ name, category, about, maxAgeSeconds }) => `| ${name} | ${category.toLowerCase()} | ${about} | ${secondsText(maxAgeSeconds)} |`),
  ],
  recipients: ({ recipients }) => recipients.map(({ name, why }) => `- ${name}: ${why}`),
  countries: ({ countries }) => [countries.map(countryOf).join(', ')],
}

const actions: Readonly<Record<string, string>> = {
  DELETE: 'deleted',
  SHRED: 'deleted, and its key destroyed',
  KEEP_AS_EVIDENCE: 'deleted; until then kept as evidence, without your name',
}

/** A period of ISO 8601 in words. */
export function periodText(period: string): string {
  const { years, months, weeks, days } = Temporal.Duration.from(period)
  const parts = (
    [
      [years, 'year'],
      [months, 'month'],
      [weeks, 'week'],
      [days, 'day'],
    ] as const
  ).flatMap(([count, unit]) => (count === 0 ? [] : [counted(count, unit)]))
  return parts.join(' and ') || '–'
}

function secondsText(seconds: number): string {
  return seconds % 86_400 === 0 ? counted(seconds / 86_400, 'day') : counted(seconds / 60, 'minute')
}

function counted(count: number, unit: string): string {
  return `${count} ${unit}${count === 1 ? '' : 's'}`
}
