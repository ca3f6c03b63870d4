/** A run lets others go first: its quota is used up until then, or it has had its turn. Nothing has gone wrong. */
export class Yield extends Error {
  override name = 'Yield'
  readonly until: Temporal.Instant
  constructor(until: Temporal.Instant) {
    super(`Goes on at ${until.toString()}.`)
    this.until = until
  }
}
