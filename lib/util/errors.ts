/** Base of every error that Saddle raises on purpose; its message says what, where, and what to do. */
export class SaddleError extends Error {
  override name = "SaddleError";
}

/** An argument that a public function refuses. */
export class ArgumentError extends SaddleError {
  override name = "ArgumentError";
}

/** A value that has to be finite is not: what was asked for does not exist at this point. */
export class NotFiniteError extends SaddleError {
  override name = "NotFiniteError";
}

/** The device failed: out of memory, lost, or a kernel it would not take. */
export class DeviceError extends SaddleError {
  override name = "DeviceError";
}

/** Throws an `ArgumentError` "where: what", naming the values involved; the middle of a very long one is left out. */
export function refuse(where: string, what: string): never {
  const message = `${where}: ${what}`;
  const isLong = message.length > longestMessage;
  throw new ArgumentError(isLong ? `${message.slice(0, 1500)} … ${message.slice(-500)}` : message);
}

/** Names in files may have megabytes. */
const longestMessage = 2000;

/** A short, readable form of any value for a message. */
export function describe(value: unknown): string {
  return describeWithin(value, []);
}

function describeWithin(value: unknown, outer: readonly unknown[]): string {
  if (typeof value === "string") return JSON.stringify(value);
  if (typeof value === "bigint") return `${value}n`;
  if (outer.includes(value)) return "itself";
  if (typeof value === "function") return `function ${value.name || "(anonymous)"}`;
  if (Array.isArray(value)) {
    const shown = value
      .slice(0, 6)
      .map((element) => describeWithin(element, [...outer, value]))
      .join(", ");
    return value.length > 6 ? `[${shown}, … ${value.length} in all]` : `[${shown}]`;
  }
  if (typeof value === "object" && value !== null) {
    const name = value.constructor?.name;
    return name && name !== "Object" ? `a ${name}` : `{${Object.keys(value).slice(0, 6).join(", ")}}`;
  }
  return String(value);
}

/** The candidate most like `word` (Levenshtein distance), or undefined when none is near. */
export function nearest(word: string, candidates: Iterable<string>): string | undefined {
  let best: string | undefined;
  let bestDistance = Math.max(2, Math.floor(word.length / 2)) + 1;
  for (const candidate of candidates) {
    const d = editDistance(word.toLowerCase(), candidate.toLowerCase());
    if (d < bestDistance) [best, bestDistance] = [candidate, d];
  }
  return best;
}

function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      next[j] = Math.min(row[j] + 1, next[j - 1] + 1, row[j - 1] + (a[i - 1] === b[j - 1] ? 0 : 1));
    }
    row = next;
  }
  return row[b.length];
}

/** Refuses option names that a function does not know, naming the nearest one it does. */
export function checkOptions(where: string, options: object, known: readonly string[]): void {
  if (typeof options !== "object" || options === null || Array.isArray(options)) {
    refuse(where, `options must be an object {${known.join(", ")}}, got ${describe(options)}`);
  }
  for (const name of Object.keys(options)) {
    if (known.includes(name)) continue;
    const near = nearest(name, known);
    const hint = near ? `; did you mean "${near}"?` : "";
    refuse(where, `unknown option "${name}"${hint} (options: ${known.join(", ") || "none"})`);
  }
}
