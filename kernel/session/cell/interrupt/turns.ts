import type { RanksCell } from "../../../contract/messages";
import { Tracer, Waits } from "./waits";
import type { Trace } from "./waits";

/** Thrown where a cell stands when it is interrupted. */
export class Interrupted extends Error {
  override readonly name = "Interrupted";

  readonly #place: Trace | undefined;

  /** @param place where the cell stood, if that is known and is not here */
  constructor(place?: Trace) {
    super("the cell was interrupted");
    this.#place = place;
    const frames = place?.stack?.split("\n").filter((line) => line.startsWith("    at "));
    if (frames !== undefined) this.stack = [String(this), ...frames].join("\n");
  }

  /** No property of its own, which who shows the error would see beside its stack. */
  get place(): Trace | undefined {
    return this.#place;
  }
}

/** What runs on behalf of one cell, from one interrupt to the next. */
export interface Turn extends Beginning {
  readonly generation: number;
  readonly waits: Waits;
}

/** An `await` of a cell, from when it begins. */
export interface Wait {
  readonly turn: Turn;
  readonly place?: Trace;
}

export interface Beginning {
  /** What came with the cell, whose output it is. */
  readonly origin: string;
  /** What the cell launches on ranks. */
  readonly ranks?: RanksCell;
  /** What the cell awaits, if it runs already. */
  readonly waits?: Waits;
}

/**
 * An interrupt ends all turns: whatever awaited something since before does not go on after it. The
 * compiled cells ask (see `guardAwaits`). As they do, they tell whose turn it is now, for cells of
 * several subshells, timers and callbacks alternate.
 */
export class Turns {
  current: Turn = { origin: "", generation: 0, waits: new Waits() };
  private generation = 0;
  private readonly stops = new Map<Waits, (reason: Interrupted) => void>();
  private readonly tracer = new Tracer();
  /** What has been terminated, and where; until that is heard, timers and callbacks may have had their turns. */
  private struck: { readonly waits: Waits; readonly place: Trace } | undefined;
  private begun: () => void = () => undefined;

  /** Settles as `work` does, or is rejected at the next interrupt. */
  async run<T>({ origin, ranks }: Beginning, work: () => T | Promise<T>): Promise<T> {
    const waits = new Waits();
    const interrupted = new Promise<never>((_, reject) => this.stops.set(waits, reject));
    this.begin({ origin, ranks, waits });
    try {
      return await Promise.race([work(), interrupted]);
    } finally {
      this.stops.delete(waits);
      waits.clear();
    }
  }

  /** What runs from now on does so on behalf of a cell. */
  begin({ origin, ranks, waits = new Waits() }: Beginning): void {
    this.current = { origin, ranks, waits, generation: this.generation };
    this.begun();
  }

  /** Calls `listener` whenever a turn begins. */
  onBegin(listener: () => void): void {
    this.begun = listener;
  }

  interrupt(): void {
    this.generation++;
    for (const [waits, stop] of this.stops) {
      const struck = waits === this.struck?.waits ? this.struck.place : undefined;
      stop(new Interrupted(struck ?? waits.latest()));
    }
    this.struck = undefined;
  }

  /** What runs now is about to be terminated, at `place`. */
  strike(place: Trace): void {
    this.struck = { waits: this.current.waits, place };
  }

  resume<T>(turn: Turn, value: T): T {
    if (turn.generation !== this.generation) throw new Interrupted();
    this.current = turn;
    return value;
  }

  /** To be called where a cell begins to await something. */
  readonly wait = (): Wait => {
    const wait = { turn: this.current, place: this.tracer.take(this.wait) };
    begin(wait);
    return wait;
  };

  /** To be called with what was awaited, when it is there. */
  resumeAfter<T>(wait: Wait, value: T): T {
    end(wait);
    return this.resume(wait.turn, value);
  }

  /** Iterates as a cell's `for await` does; tracebacks leave it out by its name. */
  async *eachAwaited<T>(values: AsyncIterable<T> | Iterable<T>): AsyncGenerator<T> {
    const wait = this.wait();
    for await (const value of values) {
      yield this.resumeAfter(wait, value);
      begin(wait);
    }
    end(wait);
  }
}

function begin({ turn, place }: Wait): void {
  if (place !== undefined) turn.waits.add(place);
}

function end({ turn, place }: Wait): void {
  if (place !== undefined) turn.waits.remove(place);
}
