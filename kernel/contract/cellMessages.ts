import type { CommEvent, CompiledCell, Outcome, SessionEvent } from "./messages";

/** What the process that runs cells is told, over the channel that `fork` opens. */
export type ToCell =
  | { readonly type: "run"; readonly cell: CompiledCell; readonly origin: string }
  /** To load what the next cells may use. */
  | { readonly type: "prepare" }
  | { readonly type: "answer"; readonly text: string | undefined }
  | { readonly type: "comm"; readonly event: CommEvent; readonly id: number };

/** What the process that runs cells says, in frames on a pipe of its own. */
export type FromCell =
  | SessionEvent
  | { readonly type: "done"; readonly cell: string; readonly outcome: Outcome }
  /** What a message of a comm has called has returned. */
  | { readonly type: "handled"; readonly id: number }
  /** What came with the cell whose output follows. */
  | { readonly type: "origin"; readonly origin: string }
  | { readonly type: "interrupted" }
  | { readonly type: "mark" };
