/** Thrown where a cell stands when it is interrupted. */
export class Interrupted extends Error {
  override readonly name = "Interrupted";

  constructor() {
    super("the cell was interrupted");
  }
}

/**
 * An interrupt ends a turn: whatever awaited something since before does not go on after it. The
 * compiled cells ask (see `guardAwaits`).
 */
export class Turns {
  private count = 0;
  private stop: ((reason: Interrupted) => void) | undefined;

  get current(): number {
    return this.count;
  }

  /** Settles as `work` does, or is rejected at the next interrupt. */
  async race<T>(work: Promise<T>): Promise<T> {
    const interrupt = new Promise<never>((_, reject) => {
      this.stop = reject;
    });
    try {
      return await Promise.race([work, interrupt]);
    } finally {
      this.stop = undefined;
    }
  }

  interrupt(): void {
    this.count++;
    this.stop?.(new Interrupted());
  }

  resume<T>(turn: number, value: T): T {
    if (turn !== this.count) throw new Interrupted();
    return value;
  }

  async *each<T>(values: AsyncIterable<T> | Iterable<T>): AsyncGenerator<T> {
    const turn = this.count;
    for await (const value of values) yield this.resume(turn, value);
  }
}
