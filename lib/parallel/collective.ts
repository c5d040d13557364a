import { refuse } from "../util/errors";
import { CommAborted, typeName } from "./comm";
import type { Comm, Numbers, ReduceOp, Traffic } from "./comm";
import { RankMissing, missingText, withWholeTrace, type Departure, type Gone } from "./departure";
import { pause } from "./pause";

/** What a rank is about to do, for the others to compare with what they are. */
export interface Intent {
  readonly kind: (typeof intents)[number];
  readonly type: string;
  readonly length: number;
  /** The operation of a reduction, the root of a broadcast. */
  readonly detail: number;
  /** Of what the numbers stand for, which must be the same on all ranks; 0 where that was not said. */
  readonly outline: number;
}

const intents = ["barrier", "allReduce", "broadcast", "allGather"] as const;
const types = ["float32", "float64", "int32", "uint32", "uint16", "uint8", ""];
const ops: readonly ReduceOp[] = ["sum", "prod", "min", "max"];

export const intentWords = 5;

/** An intent as so many 32-bit integers. */
export function encodeIntent({ kind, type, length, detail, outline }: Intent): number[] {
  return [
    intents.indexOf(kind) * types.length + types.indexOf(type),
    length % 2 ** 31,
    length / 2 ** 31,
    detail,
    outline,
  ];
}

export function decodeIntent([code, low, high, detail, outline]: Iterable<number>): Intent {
  const kind = intents[Math.floor(code / types.length)];
  return { kind, type: types[code % types.length], length: high * 2 ** 31 + low, detail, outline };
}

/** A text as a number that another text hardly has: FNV-1a's, and not 0. */
function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (const byte of Buffer.from(text)) hash = Math.imul(hash ^ byte, 0x01000193);
  return hash | 1;
}

/** Refuses collectives that the ranks do not agree on: carried out, they would mix up memory. */
export function checkAgreement(all: readonly Intent[]): void {
  const [first] = all;
  const isSame = (other: Intent) =>
    other.kind === first.kind &&
    other.type === first.type &&
    other.detail === first.detail &&
    (other.length === first.length || first.kind === "allGather");
  const odd = all.findIndex((other) => !isSame(other));
  if (odd === -1) return;
  refuse(
    first.kind,
    `the ranks do not agree: rank 0 calls ${callText(first)}, rank ${odd} calls ${callText(all[odd])}`,
  );
}

function callText({ kind, type, length, detail }: Intent): string {
  if (kind === "barrier") return "barrier()";
  const what = `${length} ${type} ${length === 1 ? "value" : "values"}`;
  if (kind === "allReduce") return `allReduce(${what}, ${ops[detail]})`;
  return kind === "broadcast" ? `broadcast(${what}, root ${detail})` : `allGather(${what})`;
}

/**
 * What all communicators have in common: collectives one after the other in the order of their calls,
 * agreement on what each is, the count of what was moved, and the end of waiting at an abort.
 */
export abstract class CollectiveComm implements Comm {
  abstract readonly rank: number;
  abstract readonly size: number;
  /** What this rank waits in; what was left by an error stays, to be told, until it begins anew. */
  private readonly waits = new Set<string>();
  private turn = 0;
  /** How many collectives were called in this turn. */
  private called = 0;
  /** Which of them this rank is in. */
  private current = { turn: 0, index: 0 };
  private hasFinished = false;
  private aborted: string | undefined;
  private queue: Promise<void> = Promise.resolve();
  private collectives = 0;
  private bytes = 0;
  private seconds = 0;

  get activity(): string | undefined {
    return this.waits.size === 0 ? undefined : [...this.waits].join(" and ");
  }

  get traffic(): Traffic {
    return { collectives: this.collectives, bytes: this.bytes, seconds: this.seconds };
  }

  allReduce(values: Numbers, op: ReduceOp = "sum", outline?: string): Promise<void> {
    if (!ops.includes(op))
      refuse("allReduce", `op is ${JSON.stringify(op)}, wanted one of ${ops.join(", ")}`);
    const call = { kind: "allReduce", values, detail: ops.indexOf(op), outline } as const;
    return this.collective(call, () => this.reduce(values, op));
  }

  broadcast(values: Numbers, root = 0, outline?: string): Promise<void> {
    this.checkRank("broadcast", "root", root);
    const call = { kind: "broadcast", values, detail: root, outline } as const;
    return this.collective(call, () => this.spread(values, root));
  }

  allGather<T extends Numbers>(values: T): Promise<T[]> {
    return this.collective({ kind: "allGather", values, detail: 0 }, (all) =>
      this.gather(
        values,
        all.map(({ length }) => length),
      ),
    );
  }

  barrier(): Promise<void> {
    return this.collective({ kind: "barrier", detail: 0 }, () => Promise.resolve());
  }

  abort(reason: string): void {
    this.aborted ??= reason;
  }

  async renew(epoch: number): Promise<void> {
    this.abort("a new cell has begun");
    await this.queue;
    await this.restart(epoch);
    this.aborted = undefined;
    this.waits.clear();
  }

  begin(turn: number): void {
    this.turn = turn;
    this.called = 0;
    this.hasFinished = false;
    this.waits.clear();
  }

  finish(): void {
    this.hasFinished = true;
    void this.leaveWhenIdle(this.turn);
  }

  /** The end of this process; nothing that is under way will go on. */
  leave(status: number): void {
    this.announce({ turn: this.turn, collectives: this.called, status });
  }

  /** What a cell has left going on may call collectives after its end, one when it has the last one's result. */
  private async leaveWhenIdle(turn: number): Promise<void> {
    for (let called = -1; called !== this.called;) {
      called = this.called;
      await this.queue;
      await pause(0);
    }
    if (this.hasFinished && this.turn === turn) this.leave(0);
  }

  abstract send(values: Uint8Array, to: number): Promise<void>;
  abstract recv(from: number): Promise<Uint8Array>;

  /** Tells all ranks an intent and resolves with theirs. */
  protected abstract exchange(intent: Intent): Promise<readonly Intent[]>;
  protected abstract reduce(values: Numbers, op: ReduceOp): Promise<void>;
  protected abstract spread(values: Numbers, root: number): Promise<void>;
  protected abstract gather<T extends Numbers>(values: T, lengths: readonly number[]): Promise<T[]>;
  protected abstract restart(epoch: number): Promise<void>;
  /** Tells the other ranks that this one is through. */
  protected abstract announce(departure: Departure): void;
  /** What is known of the end of another rank. */
  protected abstract departureOf(rank: number): Departure | undefined;

  /** Called wherever this rank waits. */
  protected checkAbort(): void {
    const { aborted } = this;
    if (aborted !== undefined) throw withWholeTrace(() => new CommAborted(this.abortText(aborted)));
  }

  /** Throws an error that names the ranks that are missing where this one waits. */
  protected refuseMissing(gone: readonly Gone[]): void {
    if (gone.length === 0) return;
    const activity = this.activity ?? "a collective";
    throw withWholeTrace(() => new RankMissing(missingText(this.rank, activity, gone)));
  }

  /** The ranks among `ranks` that are through with this turn, and without which what `isMet` tells cannot be. */
  protected goneOf(ranks: readonly number[], isMet: (departure: Departure) => boolean): Gone[] {
    return ranks.flatMap((rank) => {
      const departure = this.departureOf(rank);
      if (departure?.turn !== this.turn || isMet(departure)) return [];
      return [{ rank, status: departure.status }];
    });
  }

  /** Does what may wait, under a name that can be told. */
  protected async waiting<T>(activity: string, work: () => Promise<T>): Promise<T> {
    this.waits.add(activity);
    try {
      const result = await work();
      this.waits.delete(activity);
      return result;
    } catch (error) {
      const isLeft = error instanceof CommAborted || error instanceof RankMissing;
      if (!isLeft) this.waits.delete(activity);
      throw error;
    }
  }

  /** The ranks that will not come to the collective that this one is in, while its own cell waits for that. */
  protected goneOfCollective(): Gone[] {
    const { turn, index } = this.current;
    if (turn !== this.turn || this.hasFinished) return [];
    return this.goneOf(this.others, ({ collectives }) => collectives >= index);
  }

  private get others(): number[] {
    return Array.from({ length: this.size }, (_, rank) => rank).filter((rank) => rank !== this.rank);
  }

  protected checkRank(where: string, name: string, rank: number): void {
    if (Number.isInteger(rank) && rank >= 0 && rank < this.size) return;
    refuse(where, `${name} is ${rank}, wanted a rank from 0 to ${this.size - 1}`);
  }

  private abortText(reason: string): string {
    return this.activity === undefined ? reason : `${this.activity} ended: ${reason}`;
  }

  private collective<T>(call: Call, work: (all: readonly Intent[]) => Promise<T>): Promise<T> {
    const { kind, values, detail, outline } = call;
    const intent = {
      kind,
      type: values === undefined ? "" : typeName(values),
      length: values?.length ?? 0,
      detail,
      outline: outline === undefined ? 0 : hashOf(outline),
    };
    if (!types.includes(intent.type)) refuse(kind, `values are ${intent.type}, wanted ${types.join(", ")}`);
    const place = { turn: this.turn, index: ++this.called };
    if (this.hasFinished) void this.leaveWhenIdle(this.turn);
    return this.inTurn(() => {
      this.checkAbort();
      this.current = place;
      return this.waiting(`${kind} #${place.index}`, () => this.carryOut(call, intent, work));
    });
  }

  /** After what was called before. Nothing but who called it awaits the result: only so do tracebacks lead there. */
  private async inTurn<T>(work: () => Promise<T>): Promise<T> {
    const before = this.queue;
    let isOver: () => void = () => undefined;
    this.queue = new Promise((resolve) => (isOver = resolve));
    try {
      await before;
      return await work();
    } finally {
      isOver();
    }
  }

  private async carryOut<T>(
    { values, outline }: Call,
    intent: Intent,
    work: (all: readonly Intent[]) => Promise<T>,
  ): Promise<T> {
    const start = performance.now();
    this.collectives++;
    const all = await this.exchange(intent);
    checkAgreement(all);
    if (all.some((other) => other.outline !== intent.outline)) {
      await this.refuseOutlines(intent, outline ?? callText(intent));
    }
    const result = await work(all);
    this.bytes += values?.byteLength ?? 0;
    this.seconds += (performance.now() - start) / 1000;
    return result;
  }

  /** All ranks have seen that what they give differs; what each has, they must tell each other. */
  private async refuseOutlines({ kind }: Intent, outline: string): Promise<never> {
    const text = new Uint8Array(Buffer.from(outline));
    const sizes = await this.exchange({
      ...{ kind: "allGather", type: "uint8", length: text.length, detail: 0, outline: 0 },
    });
    const told = await this.gather(
      text,
      sizes.map(({ length }) => length),
    );
    const outlines = told.map((each) => Buffer.from(each).toString());
    const odd = outlines.findIndex((each) => each !== outlines[0]);
    return refuse(
      kind,
      `the ranks do not agree: rank 0 gives ${outlines[0]}, rank ${odd} gives ${outlines[odd]}`,
    );
  }
}

/** A collective as it was called. */
interface Call {
  readonly kind: Intent["kind"];
  readonly values?: Numbers;
  readonly detail: number;
  readonly outline?: string;
}
