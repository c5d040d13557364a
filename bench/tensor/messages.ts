/** Between the driver and the processes that measure. */

export interface Ready {
  readonly kind: "ready";
  /** Loading the library and opening its device, in milliseconds. */
  readonly start: number;
  /** The first call until its results are read, nothing compiled or cached before, in milliseconds. */
  readonly first: number;
}

export interface Sample {
  readonly kind: "sample";
  /** Milliseconds for one repetition. */
  readonly time: number;
}

export interface Ended {
  readonly kind: "ended";
  /** The most memory that the process had, in bytes. */
  readonly peak: number;
  /** The first call's largest relative error. */
  readonly error: number;
}

export interface Failed {
  readonly kind: "failed";
  readonly reason: string;
}

/** The reason of a library that was written for no such kind or shape. */
export const noProgram = "has none";

export type Reply = Ready | Sample | Ended | Failed;
export type Request = "sample" | "end";
