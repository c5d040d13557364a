/** Ranks that have come to the end of their program or cell, for which the others must not wait. */
import { ranksText } from "../util/ranks";

/** What a rank leaves behind. */
export interface Departure {
  /** Which program or cell it has come to the end of, counted alike on all ranks. */
  readonly turn: number;
  /** How many collectives it has called in that. */
  readonly collectives: number;
  /** The exit status of its process; 0 where that lives on. */
  readonly status: number;
}

/** Thrown where a rank waits for others that have come to their ends without being there. */
export class RankMissing extends Error {
  override readonly name = "RankMissing";
}

/** An error whose traceback leads through all that waits here to who has called it. */
export function withWholeTrace<E extends Error>(make: () => E): E {
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 50;
  try {
    return make();
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
  }
}

export interface Gone {
  readonly rank: number;
  readonly status: number;
}

/** `rank 1 waits in allReduce #3, rank 0 has finished` */
export function missingText(rank: number, activity: string, gone: readonly Gone[]): string {
  const ended = gone.filter(({ status }) => status !== 0);
  const done = gone.filter(({ status }) => status === 0).map((each) => each.rank);
  const parts = [
    ...(done.length === 0 ? [] : [`${ranksText(done)} ${done.length === 1 ? "has" : "have"} finished`]),
    ...ended.map((each) => `rank ${each.rank} has ended with exit status ${each.status}`),
  ];
  return `rank ${rank} waits in ${activity}, ${parts.join(", ")}; all ranks must call the same, equally often`;
}
