/** What ends a process politely: the service manager's, the terminal's Ctrl-C, and its closing. */
const signals = ['SIGTERM', 'SIGINT', 'SIGHUP'] as const
/** When a process that was told to end does not, milliseconds; service managers kill after 30 s. */
const deadlineMs = 29_000

/** Aborts at the first signal to end. A second one ends the process at once, as does the deadline. */
export function stopSignal(): AbortSignal {
  const stop = new AbortController()
  const heard = (): void => {
    if (stop.signal.aborted) process.exit(1)
    stop.abort()
    setTimeout(() => {
      process.stderr.write('Kith did not end in time and leaves now.\n')
      process.exit(1)
    }, deadlineMs).unref()
  }
  for (const signal of signals) process.on(signal, heard)
  return stop.signal
}

/** Resolves once the signal has aborted. */
export function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve(), { once: true })
  })
}
