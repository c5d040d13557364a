import { deserialize, serialize } from "node:v8";
import type { Command, Report } from "../session/protocol";

/** What the session tells rank 0's control thread, which passes it on. */
export interface Order {
  /** A rank, or all of them. */
  readonly to: number | "all";
  readonly what: { readonly type: "interrupt" } | { readonly type: "command"; readonly command: Command };
}

/** What control threads tell each other to do. `end`: the session is gone. */
export type Deed = Order["what"] | { readonly type: "end" };

/** What a rank has said, as rank 0's control thread passes it on to the session. */
export interface Said {
  readonly rank: number;
  readonly report: Report;
}

export const encode = (message: Deed | Said): Buffer => serialize(message);
export const decode = (bytes: Uint8Array): unknown => deserialize(bytes);
