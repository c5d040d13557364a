import type { CompiledCell, RanksCell } from "../messages";
import type { RanksOptions } from "../session/globals";
import type { Namespace } from "../session/namespace";
import type { Output, StreamName } from "../session/outlet";
import type { Report } from "../session/protocol";
import type { Turns } from "../session/turns";
import { LabelledText } from "./labels";
import { checkRanksOptions } from "./options";
import { unpack } from "./pack";
import { parcelFor } from "./parcel";
import type { Pool, PoolListener, PoolOptions } from "./pool";
import type { RankEnd, RankReport } from "./protocol";
import { RanksRun, reported } from "./run";
import { startPool } from "./start";
import { isRich, resultsOf, summaryOf } from "./summary";

interface ParallelParts {
  readonly turns: Turns;
  readonly namespace: Namespace;
  readonly outlet: Output;
}

/** What a notebook's session does with its cells for ranks: it keeps the ranks, and runs the cells there. */
export class Parallel {
  private readonly parts: ParallelParts;
  private readonly cells = new Map<string, RanksCell>();
  private group: RankGroup | undefined;

  constructor(parts: ParallelParts) {
    this.parts = parts;
  }

  /** Called with each cell before it runs. */
  prepare({ name, ranks }: CompiledCell): void {
    this.cells.clear();
    if (ranks !== undefined) this.cells.set(name, ranks);
  }

  /** What stands for a cell with `%%parallel` in the notebook. */
  async onRanks(given: RanksOptions): Promise<object | undefined> {
    const { timeout, ...options } = checkRanksOptions(given);
    const cell = this.cells.get(this.parts.turns.current.origin);
    if (cell === undefined) throw new Error("there is no cell to run on ranks");
    const parcel = await parcelFor(cell, this.parts.namespace.exports);
    const group = await this.groupFor(options);
    const ends = await group.run(cell, parcel, timeout);
    this.bringBack(cell.pull, ends);
    this.show(ends);
    return resultsOf(ends);
  }

  interrupt(): void {
    this.group?.interrupt();
  }

  /** Ends the ranks. */
  reset(): void {
    this.group?.close();
    this.group = undefined;
  }

  /** The ranks that there are, if they are what is asked for, else fresh ones. */
  private async groupFor(options: PoolOptions): Promise<RankGroup> {
    if (this.group?.isUsable(options)) return this.group;
    if (this.group?.isAlive === true) {
      this.print("stderr", "The ranks start anew: the variables that they had are gone.\n");
      this.parts.outlet.report({ type: "forget", place: "ranks" });
    }
    this.reset();
    const group = new RankGroup(options, this.parts.outlet, (stream, text) => this.print(stream, text));
    this.group = group;
    await group.ready;
    return group;
  }

  private bringBack(pull: readonly string[], ends: readonly RankEnd[]): void {
    const all = ends.map(({ pulled }) => pulled);
    const failure = all.find((pulled) => pulled?.failure !== undefined)?.failure;
    if (failure !== undefined) throw reported(failure.name, failure.message, []);
    const [first] = all;
    for (const name of pull) {
      const odd = all.findIndex((pulled) => pulled?.checksums[name] !== first?.checksums[name]);
      if (odd !== -1) {
        const hint = `make it the same first, for instance with parallel.allReduce or parallel.broadcast`;
        throw reported("PullError", `'${name}' is not the same on rank 0 and rank ${odd}: ${hint}`, []);
      }
    }
    for (const name of pull) {
      const packed = first?.values?.[name];
      if (packed !== undefined) this.parts.namespace.exports[name] = unpack(packed);
    }
  }

  /** Values that are more than text are shown one after the other; the rest goes into the result. */
  private show(ends: readonly RankEnd[]): void {
    for (const { outcome } of ends) {
      if (outcome.failure === undefined && isRich(outcome.result)) {
        this.parts.outlet.report({ type: "display", data: outcome.result, metadata: {} });
      }
    }
    this.print("stdout", summaryOf(ends));
  }

  private print(stream: StreamName, text: string): void {
    this.parts.outlet.write(stream, Buffer.from(text));
  }
}

/** A group of ranks, from their start to their end. */
class RankGroup implements PoolListener {
  /** Resolves when all ranks run. */
  readonly ready: Promise<void>;
  private readonly options: PoolOptions;
  private readonly outlet: Output;
  private readonly print: (stream: StreamName, text: string) => void;
  private readonly pool: Pool;
  private readonly texts: readonly LabelledText[];
  private readonly starts = new Map<number, Ready>();
  private current: RanksRun | undefined;
  private previous: Promise<void> = Promise.resolve();
  private epoch = 0;
  private mustRenew = false;
  isAlive = true;
  private becameReady: () => void = () => undefined;
  private failedToStart: (error: Error) => void = () => undefined;

  constructor(options: PoolOptions, outlet: Output, print: (stream: StreamName, text: string) => void) {
    this.options = options;
    this.outlet = outlet;
    this.print = print;
    this.ready = new Promise((resolve, reject) => {
      [this.becameReady, this.failedToStart] = [resolve, reject];
    });
    this.ready.catch(() => undefined);
    this.texts = Array.from({ length: options.size }, (_, rank) => new LabelledText(`[${rank}]`, print));
    this.pool = startPool(options, this);
  }

  isUsable(options: PoolOptions): boolean {
    return this.isAlive && JSON.stringify(options) === JSON.stringify(this.options);
  }

  async run(
    cell: RanksCell,
    parcel: RanksRunParcel,
    timeout: number | undefined,
  ): Promise<readonly RankEnd[]> {
    // A cell that was interrupted may have ranks that have not noticed.
    await this.previous;
    const renew = this.mustRenew ? ++this.epoch : undefined;
    const run = new RanksRun({ pool: this.pool, cell, parcel, renew, timeout });
    this.current = run;
    this.previous = run.over.catch(() => undefined);
    this.mustRenew = true;
    try {
      const ends = await run.start();
      this.mustRenew = false;
      return ends;
    } finally {
      for (const text of this.texts) text.end();
    }
  }

  interrupt(): void {
    this.current?.interrupt();
  }

  close(): void {
    this.isAlive = false;
    this.pool.kill();
  }

  hear(rank: number, report: Report): void {
    if (report.type === "stream") this.texts[rank].add(report.name, report.text);
    else if (report.type === "ready") this.started(rank, report);
    else if (report.type === "ranked") this.current?.ended(rank, report.end);
    else if (report.type === "display")
      this.outlet.report({ ...report, id: report.id && `${report.id}@${rank}` });
    else if (report.type === "update") this.outlet.report({ ...report, id: `${report.id}@${rank}` });
    else if (report.type === "input") this.pool.send({ type: "answer", text: undefined }, rank);
  }

  printed(stream: StreamName, text: string): void {
    this.print(stream, text);
  }

  died(who: string, how: string): void {
    if (!this.isAlive) return;
    this.close();
    const consequence = "The variables of the ranks are gone; the next cell on ranks starts fresh ones.";
    const error = reported("RankEnded", `${who} ${how}. ${consequence}`, []);
    this.outlet.report({ type: "forget", place: "ranks" });
    this.failedToStart(error);
    this.current?.broken(error);
  }

  private started(rank: number, report: Ready): void {
    if (report.refusal !== undefined) {
      this.close();
      this.failedToStart(reported("DeviceError", `rank ${rank}: ${report.refusal}`, []));
      return;
    }
    this.starts.set(rank, report);
    if (this.starts.size < this.options.size) return;
    const sharing = sharingOf([...this.starts.values()]);
    if (sharing !== undefined) this.print("stderr", `${sharing}\n`);
    this.becameReady();
  }
}

type RanksRunParcel = Awaited<ReturnType<typeof parcelFor>>;
type Ready = Extract<RankReport, { type: "ready" }>;

/** A line where ranks share devices. */
function sharingOf(starts: readonly Ready[]): string | undefined {
  const shares = [...new Set(starts.map(({ place }) => place))].flatMap((place) => {
    const there = starts.filter((start) => start.place === place);
    const { name = "a device", devices = 1 } = there[0].claim ?? {};
    if (there.length <= devices) return [];
    return [`${there.length} ranks share ${devices === 1 ? name : `${devices} × ${name}`} on ${place}.`];
  });
  return shares.length === 0 ? undefined : shares.join("\n");
}
