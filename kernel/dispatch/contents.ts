import type { MimeBundle } from "../../lib/util/frontend";
import { isPlainObject } from "../../lib/util/trees";
import type { Failure } from "../contract/messages";
import { tracebackWithFrame } from "./failures";

/** Contents of messages as Jupyter has them, whatever a cell has made. */

/** Mime types whose data may be any JSON; the data of all others is text. */
const jsonType = /^application\/(.*\+)?json$/;

export interface ErrorContent {
  readonly ename: string;
  readonly evalue: string;
  readonly traceback: readonly string[];
}

/** Of an `error` on iopub, which is stored in notebooks as it is; a reply has its status beside it. */
export function errorContent(failure: Failure): ErrorContent {
  const { name, message } = failure;
  return { ename: name, evalue: message, traceback: tracebackWithFrame(failure) };
}

/** What is to be shown: of data that should be text and is not, its JSON; nothing of what is not there. */
export function shownContent(data: MimeBundle, metadata: unknown = {}): { data: object; metadata: object } {
  const entries = Object.entries(data).filter(
    ([type, value]) => value !== undefined && (value !== null || jsonType.test(type)),
  );
  const valid = entries.map(([type, value]) => [type, jsonType.test(type) ? value : textOf(value)]);
  return {
    data: Object.fromEntries(valid) as object,
    metadata: isPlainObject(metadata) ? metadata : {},
  };
}

/** Lists of lines stay as they are. */
function textOf(value: unknown): unknown {
  if (typeof value === "string") return value;
  if (Array.isArray(value) && value.every((line) => typeof line === "string")) return value;
  return JSON.stringify(value);
}
