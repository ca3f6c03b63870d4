/** Says on a terminal what goes on, in one line that is written over; elsewhere it is quiet. */
export interface Progress {
  step(text: string): void
  /** Wipes the line. */
  done(): void
}

/** Progress on standard error, so that what a command prints stays clean. */
export function progress(stream: NodeJS.WriteStream = process.stderr): Progress {
  const wipe = '\r\x1b[2K'
  if (!stream.isTTY) return { step: () => {}, done: () => {} }
  return {
    step: (text) => void stream.write(`${wipe}${text.slice(0, Math.max(20, stream.columns - 1))}`),
    done: () => void stream.write(wipe),
  }
}
