import type { parallel } from "../../lib";
import type { FromCell, ToCell } from "./cellMessages";
import type { CompiledCell, Failure, Outcome, PortableStatement } from "./messages";

/** What a rank is told, besides what every process that runs cells is. */
export type ToRank =
  | ToCell
  | {
      readonly type: "rank";
      readonly cell: CompiledCell;
      readonly parcel: Parcel;
      readonly pull: readonly string[];
      /** Begins the communicator anew, after a cell in which a rank failed. */
      readonly renew?: number;
    }
  /** Ends what the rank waits for in a collective: another has failed. */
  | { readonly type: "release"; readonly reason: string };

/** What a rank says, besides what every process that runs cells does. */
export type FromRank =
  | FromCell
  /** The rank runs on this host, its communicator works, and it has this device; or why it has none. */
  | {
      readonly type: "ready";
      readonly host: string;
      readonly claim?: parallel.Claim;
      readonly refusal?: string;
    }
  /** Comes now and then while the rank runs a cell. */
  | { readonly type: "beat"; readonly beat: Beat }
  | { readonly type: "ranked"; readonly end: RankEnd };

/** How far a rank is in a cell. */
export interface Beat {
  /** The collective that it is in. */
  readonly activity?: string;
  readonly collectives: number;
  readonly bytes: number;
}

/** What a rank has to say when it is through with a cell. */
export interface RankEnd {
  readonly outcome: Outcome;
  /** The rank failed because another did. */
  readonly isSecondary: boolean;
  /** The collective that it was in when it failed. */
  readonly waitingIn?: string;
  readonly pulled?: Pulled;
  /** In seconds, of which `communicating` in collectives. */
  readonly seconds: number;
  readonly communicating: number;
  readonly collectives: number;
  readonly bytes: number;
}

export interface Pulled {
  /** For each variable, what ranks that have the same value have in common. */
  readonly checksums: Readonly<Record<string, string>>;
  /** Rank 0's. */
  readonly values?: Readonly<Record<string, PackedValue>>;
  /** Why a variable cannot be brought back. */
  readonly failure?: Failure;
}

/** What ranks need of the notebook. */
export interface Parcel {
  readonly values: Readonly<Record<string, PackedValue>>;
  /** In the order in which they are to be run. */
  readonly statements: readonly PortableStatement[];
}

/** Data that structured cloning takes, with the tensors in it apart. */
export interface PackedValue {
  readonly data: unknown;
  readonly tensors: readonly PackedTensor[];
}

export interface PackedTensor {
  readonly shape: readonly number[];
  readonly dtype: string;
  /** It is on the cpu device, whatever the default is. */
  readonly isOnCpu: boolean;
  readonly numbers: ArrayLike<number>;
}
