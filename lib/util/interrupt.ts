/**
 * Runs `work` with a signal that the next SIGINT aborts, so that long work can end with what it knows. In a kernel that is
 * the interrupt; in plain Node Ctrl-C, of which a second one ends the process as ever.
 */
export async function interruptible<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const controller = new AbortController();
  const abort = (): void => controller.abort();
  process.once("SIGINT", abort);
  try {
    return await work(controller.signal);
  } finally {
    process.off("SIGINT", abort);
  }
}
