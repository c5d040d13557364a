import { inspect } from "node:util";
import { displayKey } from "./frontend";
import type { MimeBundle } from "./frontend";

const mimeType = /^[a-z]+\/[\w.+-]+$/;

/** The representations of a value: its own, if it shows itself, else text. */
export function bundleOf(value: unknown): MimeBundle | Promise<MimeBundle> {
  const show = methodOf(value, displayKey);
  if (show === undefined) return isBundle(value) ? asJson(value) : { "text/plain": textOf(value) };
  const shown = show.call(value) as MimeBundle | Promise<MimeBundle>;
  const complete = (bundle: MimeBundle) =>
    Object.keys(bundle).length === 0 || "text/plain" in bundle
      ? asJson(bundle)
      : asJson({ ...bundle, "text/plain": textOf(value) });
  return shown instanceof Promise ? shown.then(complete) : complete(shown);
}

/** Whether a value has representations of its own, or is those. */
export function showsItself(value: unknown): boolean {
  return methodOf(value, displayKey) !== undefined || isBundle(value);
}

/** The text by which a value is known in a list of variables. */
export function textOf(value: unknown): string {
  return inspect(value, { colors: false });
}

type Method = (this: unknown) => unknown;

function methodOf(value: unknown, key: symbol): Method | undefined {
  if (value === null || (typeof value !== "object" && typeof value !== "function")) return undefined;
  const method = (value as Record<symbol, unknown>)[key];
  return typeof method === "function" ? (method as Method) : undefined;
}

function isBundle(value: unknown): value is MimeBundle {
  if (typeof value !== "object" || value === null) return false;
  const keys = Object.keys(value);
  return keys.length > 0 && keys.every((key) => mimeType.test(key));
}

/** Jupyter sends bytes as base64. */
function asJson(bundle: MimeBundle): MimeBundle {
  const entries = Object.entries(bundle).map(([type, data]): [string, unknown] => [
    type,
    data instanceof Uint8Array ? Buffer.from(data).toString("base64") : data,
  ]);
  return Object.fromEntries(entries);
}
