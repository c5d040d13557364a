import { refuse } from "../util/errors";
import { CommAborted, typeName } from "./comm";
import type { Comm, Numbers, ReduceOp, Traffic } from "./comm";

/** What a rank is about to do, for the others to compare with what they are. */
export interface Intent {
  readonly kind: (typeof intents)[number];
  readonly type: string;
  readonly length: number;
  /** The operation of a reduction, the root of a broadcast. */
  readonly detail: number;
}

const intents = ["barrier", "allReduce", "broadcast", "allGather"] as const;
const types = ["float32", "float64", "int32", "uint32", "uint16", "uint8", ""];
const ops: readonly ReduceOp[] = ["sum", "prod", "min", "max"];

/** An intent as four 32-bit integers. */
export function encodeIntent({ kind, type, length, detail }: Intent): number[] {
  return [
    intents.indexOf(kind) * types.length + types.indexOf(type),
    length % 2 ** 31,
    length / 2 ** 31,
    detail,
  ];
}

export function decodeIntent([code, low, high, detail]: Iterable<number>): Intent {
  const kind = intents[Math.floor(code / types.length)];
  return { kind, type: types[code % types.length], length: high * 2 ** 31 + low, detail };
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
  activity: string | undefined;
  private aborted: string | undefined;
  private queue: Promise<unknown> = Promise.resolve();
  private collectives = 0;
  private bytes = 0;
  private seconds = 0;

  get traffic(): Traffic {
    return { collectives: this.collectives, bytes: this.bytes, seconds: this.seconds };
  }

  allReduce(values: Numbers, op: ReduceOp = "sum"): Promise<void> {
    if (!ops.includes(op))
      refuse("allReduce", `op is ${JSON.stringify(op)}, wanted one of ${ops.join(", ")}`);
    return this.collective("allReduce", values, ops.indexOf(op), () => this.reduce(values, op));
  }

  broadcast(values: Numbers, root = 0): Promise<void> {
    this.checkRank("broadcast", "root", root);
    return this.collective("broadcast", values, root, () => this.spread(values, root));
  }

  allGather<T extends Numbers>(values: T): Promise<T[]> {
    return this.collective("allGather", values, 0, (all) =>
      this.gather(
        values,
        all.map(({ length }) => length),
      ),
    );
  }

  barrier(): Promise<void> {
    return this.collective("barrier", undefined, 0, () => Promise.resolve());
  }

  abort(reason: string): void {
    this.aborted ??= reason;
  }

  async renew(epoch: number): Promise<void> {
    this.abort("a new cell has begun");
    await this.queue;
    await this.restart(epoch);
    this.aborted = undefined;
    this.activity = undefined;
  }

  abstract send(values: Uint8Array, to: number): Promise<void>;
  abstract recv(from: number): Promise<Uint8Array>;

  /** Tells all ranks an intent and resolves with theirs. */
  protected abstract exchange(intent: Intent): Promise<readonly Intent[]>;
  protected abstract reduce(values: Numbers, op: ReduceOp): Promise<void>;
  protected abstract spread(values: Numbers, root: number): Promise<void>;
  protected abstract gather<T extends Numbers>(values: T, lengths: readonly number[]): Promise<T[]>;
  protected abstract restart(epoch: number): Promise<void>;

  /** Called wherever this rank waits. */
  protected checkAbort(): void {
    if (this.aborted !== undefined) throw new CommAborted(this.abortText(this.aborted));
  }

  protected checkRank(where: string, name: string, rank: number): void {
    if (Number.isInteger(rank) && rank >= 0 && rank < this.size) return;
    refuse(where, `${name} is ${rank}, wanted a rank from 0 to ${this.size - 1}`);
  }

  private abortText(reason: string): string {
    return this.activity === undefined ? reason : `${this.activity} ended: ${reason}`;
  }

  private collective<T>(
    kind: Intent["kind"],
    values: Numbers | undefined,
    detail: number,
    work: (all: readonly Intent[]) => Promise<T>,
  ): Promise<T> {
    const intent = {
      kind,
      type: values === undefined ? "" : typeName(values),
      length: values?.length ?? 0,
      detail,
    };
    if (!types.includes(intent.type)) refuse(kind, `values are ${intent.type}, wanted ${types.join(", ")}`);
    const done = this.queue.then(() => this.carryOut(intent, values?.byteLength ?? 0, work));
    this.queue = done.catch(() => undefined);
    return done;
  }

  private async carryOut<T>(
    intent: Intent,
    bytes: number,
    work: (all: readonly Intent[]) => Promise<T>,
  ): Promise<T> {
    this.checkAbort();
    const start = performance.now();
    this.activity = `${intent.kind} #${++this.collectives}`;
    const all = await this.exchange(intent);
    checkAgreement(all);
    const result = await work(all);
    this.activity = undefined;
    this.bytes += bytes;
    this.seconds += (performance.now() - start) / 1000;
    return result;
  }
}
