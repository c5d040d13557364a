import type { RanksCell } from "../../../contract/messages";

/** Thrown where a cell stands when it is interrupted. */
export class Interrupted extends Error {
  override readonly name = "Interrupted";

  constructor() {
    super("the cell was interrupted");
  }
}

/** What runs on behalf of one cell, from one interrupt to the next. */
export interface Turn extends Beginning {
  readonly generation: number;
}

export interface Beginning {
  /** What came with the cell, whose output it is. */
  readonly origin: string;
  /** What the cell launches on ranks. */
  readonly ranks?: RanksCell;
}

/**
 * An interrupt ends all turns: whatever awaited something since before does not go on after it. The
 * compiled cells ask (see `guardAwaits`). As they do, they tell whose turn it is now, for cells of
 * several subshells, timers and callbacks alternate.
 */
export class Turns {
  current: Turn = { origin: "", generation: 0 };
  private generation = 0;
  private readonly stops = new Set<(reason: Interrupted) => void>();
  private begun: () => void = () => undefined;

  /** Settles as `work` does, or is rejected at the next interrupt. */
  async run<T>(beginning: Beginning, work: () => T | Promise<T>): Promise<T> {
    let stop: (reason: Interrupted) => void = () => undefined;
    const interrupted = new Promise<never>((_, reject) => (stop = reject));
    this.stops.add(stop);
    this.begin(beginning);
    try {
      return await Promise.race([work(), interrupted]);
    } finally {
      this.stops.delete(stop);
    }
  }

  /** What runs from now on does so on behalf of a cell. */
  begin({ origin, ranks }: Beginning): void {
    this.current = { origin, ranks, generation: this.generation };
    this.begun();
  }

  /** Calls `listener` whenever a turn begins. */
  onBegin(listener: () => void): void {
    this.begun = listener;
  }

  interrupt(): void {
    this.generation++;
    for (const stop of this.stops) stop(new Interrupted());
  }

  resume<T>(turn: Turn, value: T): T {
    if (turn.generation !== this.generation) throw new Interrupted();
    this.current = turn;
    return value;
  }

  async *each<T>(values: AsyncIterable<T> | Iterable<T>): AsyncGenerator<T> {
    const turn = this.current;
    for await (const value of values) yield this.resume(turn, value);
  }
}
