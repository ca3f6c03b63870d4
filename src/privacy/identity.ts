import { isOptOut } from './clocks.ts'
import type { Level, Regime, Requester, RequestType, SubjectKind } from './vocabulary.ts'

/**
 * How well it must be known who asks, for what they ask. Saying no to a use of data needs no proof at all. Somebody without an account gets the
 * very data under California’s law only with three data points and a declaration (§ 7062(c)), and else what control of their own address opens.
 */
export function requiredLevel({ type, subject, requester, regime }: { type: RequestType; subject: SubjectKind; requester: Requester; regime: Regime }): Level {
  if (isOptOut(type)) return 0
  if (requester === 'AGENT') return 5
  if (requester === 'GUARDIAN' || type === 'MINOR_ERASURE') return 4
  if (subject === 'USER') return 1
  if ((type === 'ACCESS' || type === 'PORTABILITY') && regime !== 'GDPR') return 4
  return 2
}

/** Whether an access request that cannot be proven enough becomes one for categories (CCPA regulations, § 7024(a)): what was proven must be enough for those. */
export function canFallBack({
  type,
  regime,
  requester,
  provenLevel,
}: {
  type: RequestType
  regime: Regime
  requester: Requester
  provenLevel: number
}): boolean {
  return type === 'ACCESS' && regime !== 'GDPR' && requester === 'SELF' && provenLevel >= 2
}
