/** What ranks say to each other, whatever carries it: shared memory on one machine, MPI over several. */
import type { TypedArray } from "../util/dtypes";

export type ReduceOp = "sum" | "prod" | "min" | "max";

export const reduceOps: readonly ReduceOp[] = ["sum", "prod", "min", "max"];

/** What collectives move: numbers, in a buffer that is contiguous. */
export type Numbers = TypedArray;

/** What a rank has moved, and how long it has waited for others, since it began. */
export interface Traffic {
  readonly collectives: number;
  /** Bytes of what was given to the collectives. */
  readonly bytes: number;
  /** Seconds between a collective's call and its end. */
  readonly seconds: number;
}

/**
 * The communicator of a rank. Every rank calls the same collectives in the same order; one that gives
 * another length or type than the others is an error on all of them. Nothing blocks the event loop
 * for longer than about a millisecond.
 */
export interface Comm {
  readonly rank: number;
  readonly size: number;
  readonly traffic: Traffic;
  /** What this rank waits in, such as `allReduce #12`, the twelfth collective of its cell, or `recv from rank 1`. */
  readonly activity: string | undefined;
  /**
   * Reduces over the ranks elementwise and in place, to the same bits on every rank. An `outline` says what the numbers
   * stand for; that it is not the same on all ranks is an error on all of them.
   */
  allReduce(values: Numbers, op?: ReduceOp, outline?: string): Promise<void>;
  /** Puts the values of the rank `root` in the place of all others'; `outline` as in `allReduce`. */
  broadcast(values: Numbers, root?: number, outline?: string): Promise<void>;
  /** The values of all ranks in rank order; lengths may differ, types may not. */
  allGather<T extends Numbers>(values: T): Promise<T[]>;
  /** Resolves when `values` may be changed again. Messages between two ranks arrive in order. */
  send(values: Uint8Array, to: number): Promise<void>;
  recv(from: number): Promise<Uint8Array>;
  barrier(): Promise<void>;
  /** Rejects, here, what this rank waits for and will wait for, until `renew`. */
  abort(reason: string): void;
  /** Begins anew after an abort, with the same `epoch` on every rank; what was under way is forgotten. */
  renew(epoch: number): Promise<void>;
  /** Says that a cell begins, the `turn`-th on every rank. */
  begin(turn: number): void;
  /**
   * Says that this rank is through with its cell. Others whose cells wait for it in what it has not called get an error
   * that names both.
   */
  finish(): void;
}

/** Thrown where a rank waits for others that will not come. */
export class CommAborted extends Error {
  override readonly name = "CommAborted";
}

export function sameType<T extends Numbers>(
  values: T,
  buffer: ArrayBuffer,
  offset: number,
  length: number,
): T {
  const Type = values.constructor as new (buffer: ArrayBuffer, offset: number, length: number) => T;
  return new Type(buffer, offset, length);
}

export function typeName(values: Numbers): string {
  return values.constructor.name.replace("Array", "").toLowerCase();
}
