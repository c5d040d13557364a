import { deserialize, serialize } from "node:v8";
import type { parallel } from "../../lib";
import type { SharedCounts } from "./sharedCounts";
import type { FromRank, ToRank } from "./rankMessages";

/** What the session tells rank 0's control thread, which passes it on. */
export interface Order {
  /** A rank, or all of them. */
  readonly to: number | "all";
  readonly what: { readonly type: "interrupt" } | { readonly type: "tell"; readonly message: ToRank };
}

/** What control threads tell each other to do. `end`: the session is gone. */
export type Deed = Order["what"] | { readonly type: "end" };

/** What a rank has said, as rank 0's control thread passes it on to the session. */
export interface Said {
  readonly rank: number;
  readonly message: FromRank;
}

/** What the control thread of a rank is started with. */
export interface ControlData {
  readonly channel: parallel.ChannelAddress;
  readonly counts: SharedCounts;
  /** Where the launcher takes standard output from. */
  readonly output: number;
}

export const encode = (message: Deed | Said): Buffer => serialize(message);
export const decode = (bytes: Uint8Array): unknown => deserialize(bytes);
