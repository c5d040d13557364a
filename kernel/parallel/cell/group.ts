import type { RanksCell, StreamName } from "../../contract/messages";
import type { Output } from "../../session/cell/output/outlet";
import { LabelledText } from "./labels";
import type { Pool, PoolListener, PoolOptions } from "./pool";
import type { Beat, Parcel, FromRank, RankEnd } from "../../contract/rankMessages";
import { RanksProgress } from "./progress";
import { RanksRun, reported } from "./run";
import { startPool } from "./startPool";

/** A group of ranks, from their start to their end. */
export class RankGroup implements PoolListener {
  /** Resolves when all ranks run. */
  readonly ready: Promise<void>;
  private readonly options: PoolOptions;
  private readonly outlet: Output;
  private readonly print: (stream: StreamName, text: string) => void;
  private readonly pool: Pool;
  private readonly texts: readonly LabelledText[];
  private readonly starts = new Map<number, Ready>();
  private readonly showsProgress: boolean;
  private current: RanksRun | undefined;
  private progress: RanksProgress | undefined;
  private previous: Promise<void> = Promise.resolve();
  private epoch = 0;
  private mustRenew = false;
  isAlive = true;
  private becameReady: () => void = () => undefined;
  private failedToStart: (error: Error) => void = () => undefined;

  constructor(
    options: PoolOptions,
    outlet: Output,
    print: (stream: StreamName, text: string) => void,
    showsProgress: boolean,
  ) {
    this.options = options;
    this.showsProgress = showsProgress;
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

  async run(cell: RanksCell, parcel: Parcel, timeout: number | undefined): Promise<readonly RankEnd[]> {
    // A cell that was interrupted may have ranks that have not noticed.
    await this.previous;
    const renew = this.mustRenew ? ++this.epoch : undefined;
    const run = new RanksRun({ pool: this.pool, cell, parcel, renew, timeout });
    this.current = run;
    if (this.showsProgress) this.progress = new RanksProgress(this.options.size, this.outlet);
    this.previous = run.over.catch(() => undefined);
    this.mustRenew = true;
    try {
      const ends = await run.start();
      this.mustRenew = false;
      return ends;
    } finally {
      this.progress?.close();
      for (const text of this.texts) text.end();
    }
  }

  /** Ranks that have not all started are not waited for any longer. */
  interrupt(): void {
    if (this.starts.size < this.options.size) this.close();
    else this.current?.interrupt();
  }

  close(): void {
    this.isAlive = false;
    this.pool.kill();
  }

  hear(rank: number, message: FromRank): void {
    if (message.type === "stream") this.texts[rank].add(message.name, message.text);
    else if (message.type === "ready") this.started(rank, message);
    else if (message.type === "beat") this.beat(rank, message.beat);
    else if (message.type === "ranked") this.ended(rank, message.end);
    else if (message.type === "display")
      this.outlet.send({ ...message, id: message.id && `${message.id}@${rank}` });
    else if (message.type === "update") this.outlet.send({ ...message, id: `${message.id}@${rank}` });
    else if (message.type === "input") this.pool.send({ type: "answer", text: undefined }, rank);
  }

  printed(stream: StreamName, text: string): void {
    this.print(stream, text);
  }

  died(who: string, how: string): void {
    if (!this.isAlive) return;
    this.close();
    const consequence = "The variables of the ranks are gone; the next cell on ranks starts fresh ones.";
    const error = reported("RankEnded", `${who} ${how}. ${consequence}`, []);
    this.outlet.send({ type: "forget", scope: "ranks" });
    this.failedToStart(error);
    this.current?.broken(error, consequence);
  }

  private beat(rank: number, beat: Beat): void {
    this.progress?.heard(rank, beat);
    this.current?.heard(rank, beat);
  }

  private ended(rank: number, end: RankEnd): void {
    this.progress?.ended(rank, end);
    this.current?.ended(rank, end);
  }

  private started(rank: number, ready: Ready): void {
    if (ready.refusal !== undefined) {
      this.close();
      this.failedToStart(reported("DeviceError", `rank ${rank}: ${ready.refusal}`, []));
      return;
    }
    this.starts.set(rank, ready);
    if (this.starts.size < this.options.size) return;
    const sharing = sharingOf([...this.starts.values()]);
    if (sharing !== undefined) this.print("stdout", `${sharing}\n`);
    this.becameReady();
  }
}

type Ready = Extract<FromRank, { type: "ready" }>;

/** A line where ranks share devices. */
function sharingOf(starts: readonly Ready[]): string | undefined {
  const shares = [...new Set(starts.map(({ host }) => host))].flatMap((host) => {
    const there = starts.filter((start) => start.host === host);
    const { name = "a device", devices = 1 } = there[0].claim ?? {};
    if (there.length <= devices) return [];
    return [`${there.length} ranks share ${devices === 1 ? name : `${devices} × ${name}`} on ${host}.`];
  });
  return shares.length === 0 ? undefined : shares.join("\n");
}
