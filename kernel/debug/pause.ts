import type { CellMap } from "../contract/cellMap";
import type { Script, Sources } from "./sources";
import type { RemoteObject } from "./values";

interface Location {
  readonly scriptId: string;
  readonly lineNumber: number;
  readonly columnNumber?: number;
}

export interface CallFrame {
  readonly callFrameId: string;
  readonly functionName: string;
  readonly location: Location;
  readonly scopeChain: readonly { readonly type: string; readonly object: RemoteObject }[];
}

/** What V8's inspector tells when it has paused the session. */
export interface PausedEvent {
  readonly callFrames: readonly CallFrame[];
  readonly reason: string;
  readonly data?: RemoteObject;
  readonly hitBreakpoints?: readonly string[];
}

export interface CellFrame extends CallFrame {
  readonly script: Script;
}

/** The frames that are in cells. */
export function cellFrames({ callFrames }: PausedEvent, sources: Sources): CellFrame[] {
  return callFrames.flatMap((frame) => {
    const script = sources.script(frame.location.scriptId);
    return script === undefined ? [] : [{ ...frame, script }];
  });
}

/** Whether it stands in what is put before a cell's own JavaScript, at columns below 0. */
export function isBeforeCell({ location: { lineNumber, columnNumber = 0 } }: CellFrame): boolean {
  return lineNumber === 0 && columnNumber < 0;
}

export function reasonOf({ reason, hitBreakpoints = [] }: PausedEvent, isStepping: boolean): string {
  if (reason === "exception" || reason === "promiseRejection") return "exception";
  if (hitBreakpoints.length > 0) return "breakpoint";
  return isStepping ? "step" : "pause";
}

/** A frame as the Debug Adapter Protocol has it: lines and columns from 1. */
export function stackFrameOf({ functionName, location, script }: CellFrame, id: number): object {
  const { line, column } = placeOf(location, script.map);
  return {
    ...{ id, name: functionName === "" ? script.name : functionName },
    ...{ source: { name: script.name, path: script.path }, line: line + 1, column: column + 1 },
  };
}

function placeOf({ lineNumber: line, columnNumber: column = 0 }: Location, map: CellMap) {
  return map.toCell({ line, column: Math.max(0, column) });
}
