import type { LetterLanguage } from './vocabulary.ts'
import { wordingDe } from './wording.de.ts'
import { type Letters, wordingEn } from './wording.en.ts'

/** Every letter, by language; a language that lacks one does not compile. */
export const wordings: Readonly<Record<LetterLanguage, Letters>> = { en: wordingEn, de: wordingDe }

/** A text of a decision as a language says it: the sentences that the program itself writes there are translated, what people wrote is left as it is. */
export function decisionText(language: LetterLanguage, text: string): string {
  return wordings[language].say(text)
}
