import type * as TypeScript from "typescript";

/** What the compiler declares of a newer JavaScript than ES2023, and something of it that Node has or has not yet. */
const newer: readonly (readonly [name: string, isThere: () => boolean])[] = [
  ["es2024.arraybuffer", () => has(ArrayBuffer.prototype, "transfer")],
  ["es2024.collection", () => has(Map, "groupBy")],
  ["es2024.object", () => has(Object, "groupBy")],
  ["es2024.promise", () => has(Promise, "withResolvers")],
  ["es2024.regexp", () => has(RegExp.prototype, "unicodeSets")],
  ["es2024.sharedmemory", () => has(Atomics, "waitAsync")],
  ["es2024.string", () => has(String.prototype, "isWellFormed")],
  ["es2025.collection", () => has(Set.prototype, "union")],
  ["es2025.float16", () => has(globalThis, "Float16Array")],
  ["es2025.intl", () => has(Intl, "DurationFormat")],
  ["es2025.iterator", () => has(globalThis, "Iterator")],
  ["es2025.promise", () => has(Promise, "try")],
  ["es2025.regexp", () => has(RegExp, "escape")],
  ["esnext.array", () => has(Array, "fromAsync")],
  ["esnext.collection", () => has(Map.prototype, "getOrInsert")],
  ["esnext.date", () => has(globalThis, "Temporal")],
  ["esnext.decorators", () => has(Symbol, "metadata")],
  ["esnext.disposable", () => has(globalThis, "DisposableStack")],
  ["esnext.error", () => has(Error, "isError")],
  ["esnext.intl", () => has(globalThis, "Temporal")],
  ["esnext.sharedmemory", () => has(Atomics, "pause")],
  ["esnext.temporal", () => has(globalThis, "Temporal")],
  ["esnext.typedarrays", () => has(Uint8Array, "fromBase64")],
];

/** The files that declare the JavaScript of the running Node: what type-checks in a cell is there. */
export function libraryFiles(): string[] {
  const names = ["es2023", ...newer.flatMap(([name, isThere]) => (isThere() ? [name] : []))];
  return names.map((name) => `lib.${name}.d.ts`);
}

const otherLibrary =
  / Do you need to change your target library\? Try changing the 'lib' compiler option to '(\w+)' or later\.$/;

/** What the compiler says of something newer than the running Node, which no option changes. */
export function withoutLibraryAdvice(message: string): string {
  const node = `Node ${process.versions.node}`;
  return message.replace(otherLibrary, (_, library: string) =>
    library === "esnext"
      ? ` It is newer than ${node}.`
      : ` It came with ${library.toUpperCase()}, which ${node} does not have all of.`,
  );
}

/** The latest syntax that Node takes, but for `using` and decorators, which the compiler writes out. */
export function languageVersion({ ScriptTarget }: typeof TypeScript): TypeScript.ScriptTarget {
  const { ES2024, ES2025 } = ScriptTarget;
  return ["(?i:a)", "(?<a>b)|(?<a>c)"].every(isPattern) ? ES2025 : ES2024;
}

function isPattern(text: string): boolean {
  try {
    new RegExp(text);
    return true;
  } catch {
    return false;
  }
}

function has(owner: object, name: string): boolean {
  return name in owner;
}
