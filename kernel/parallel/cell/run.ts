import { ranksText } from "../../../lib/util/ranks";
import type { Failure, RanksCell } from "../../contract/messages";
import { ReportedFailure } from "../../session/cell/output/traceback";
import type { Pool } from "./pool";
import type { Beat, Parcel, RankEnd } from "../../contract/rankMessages";

/** How long ranks may take to end when another has failed, or to notice an interrupt, in milliseconds. */
const failurePatience = 1000;
const interruptPatience = 2000;

interface RunOptions {
  readonly pool: Pool;
  readonly cell: RanksCell;
  readonly parcel: Parcel;
  readonly renew: number | undefined;
  /** In seconds. */
  readonly timeout: number | undefined;
}

/** One cell on all ranks, from the command to the last rank's end. */
export class RanksRun {
  /** Settles when all ranks are through, or are no more. */
  readonly over: Promise<void>;
  private readonly options: RunOptions;
  private readonly ends: (RankEnd | undefined)[];
  private readonly timers = new Set<NodeJS.Timeout>();
  private first: { readonly rank: number; readonly failure: Failure } | undefined;
  /** What each rank was in when it was last heard. */
  private readonly activities = new Map<number, string | undefined>();
  private timedOut = false;
  private interrupted = false;
  private resolve: () => void = () => undefined;
  private reject: (error: Error) => void = () => undefined;

  constructor(options: RunOptions) {
    this.options = options;
    this.ends = Array.from({ length: options.pool.size }, () => undefined);
    this.over = new Promise((resolve, reject) => {
      [this.resolve, this.reject] = [resolve, reject];
    });
    this.over.catch(() => undefined);
  }

  /** Resolves with what the ranks have said, in rank order. Rejects with the first failure. */
  async start(): Promise<readonly RankEnd[]> {
    const { pool, cell, parcel, renew, timeout } = this.options;
    pool.send({ type: "rank", cell: cell.cell, parcel, pull: cell.pull, renew });
    if (timeout !== undefined) this.after(timeout * 1000, () => this.endForTime());
    await this.over;
    if (this.timedOut) throw this.timeoutError();
    if (this.first !== undefined) throw this.failureOf(this.first.rank, this.first.failure);
    return this.ends as RankEnd[];
  }

  ended(rank: number, end: RankEnd): void {
    this.ends[rank] = end;
    const { failure } = end.outcome;
    if (failure !== undefined && !end.isSecondary && this.first === undefined) this.failed(rank, failure);
    if (this.ends.every((each) => each !== undefined)) this.settle();
  }

  heard(rank: number, { activity }: Beat): void {
    this.activities.set(rank, activity);
  }

  /** The ranks are no more. */
  broken(error: Error, consequence: string): void {
    this.clearTimers();
    this.reject(this.timedOut ? this.timeoutError(`, and could not be interrupted. ${consequence}`) : error);
  }

  interrupt(): void {
    if (this.interrupted) return;
    this.interrupted = true;
    this.options.pool.interrupt();
    this.after(interruptPatience, () => this.options.pool.kill());
  }

  private failed(rank: number, failure: Failure): void {
    this.first = { rank, failure };
    const reason = `rank ${rank} has failed`;
    this.options.pool.send({ type: "release", reason });
    this.after(failurePatience, () => this.interrupt());
  }

  private endForTime(): void {
    this.timedOut = true;
    this.interrupt();
  }

  private settle(): void {
    this.clearTimers();
    this.resolve();
  }

  /** Ranks that waited in a collective were there; those that did not are missing, if there are any. */
  private timeoutError(consequence = ""): Error {
    const ranks = this.ends.map((end, rank) => ({
      rank,
      hasFinished: end !== undefined && end.outcome.failure === undefined,
      waitingIn: end === undefined ? this.activities.get(rank) : end.waitingIn,
    }));
    const unfinished = ranks.filter(({ hasFinished }) => !hasFinished);
    const waiting = unfinished.filter(({ waitingIn }) => waitingIn !== undefined);
    const missing = unfinished.filter(({ waitingIn }) => waitingIn === undefined);
    const who = missing.length > 0 ? missing : waiting;
    const finished = ranks.filter(({ hasFinished }) => hasFinished).map(({ rank }) => rank);
    const message = [
      `after ${this.options.timeout ?? 0} s ${ranksText(who.map(({ rank }) => rank))} had not finished`,
      ...waiting.map(({ rank, waitingIn }) => `rank ${rank} waited in ${waitingIn ?? ""}`),
      ...(finished.length === 0 ? [] : [`${ranksText(finished)} had finished`]),
    ].join("; ");
    return reported("TimeoutError", message + consequence, []);
  }

  private failureOf(rank: number, { name, message, traceback, position }: Failure): Error {
    const others = this.ends.flatMap((end, other) => {
      const failure = end?.outcome.failure;
      if (other === rank || failure === undefined) return [];
      return [`rank ${other}: ${failure.name}: ${failure.message}`];
    });
    const [headline, ...frames] = traceback;
    const said = message.startsWith(`rank ${rank} `) ? message : `rank ${rank}: ${message}`;
    const lines = [`[rank ${rank}] ${headline}`, ...frames, ...(others.length > 0 ? ["", ...others] : [])];
    return new ReportedFailure({ name, message: said, traceback: lines, position });
  }

  private after(milliseconds: number, work: () => void): void {
    const timer = setTimeout(work, milliseconds);
    this.timers.add(timer);
  }

  private clearTimers(): void {
    for (const timer of this.timers) clearTimeout(timer);
  }
}

export function reported(name: string, message: string, more: readonly string[]): ReportedFailure {
  return new ReportedFailure({ name, message, traceback: [`${name}: ${message}`, ...more] });
}
