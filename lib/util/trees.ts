import { refuse } from "./errors";
import { maxDimensions } from "./shapes";

/**
 * Trees: plain objects and arrays, nested as one likes, whose leaves are what `isLeaf` says (JAX's pytrees).
 * Anything else that is neither an object nor an array stays in the structure as a static part.
 */
export interface Structure {
  readonly kind: "leaf" | "array" | "object" | "static";
  readonly keys?: readonly string[];
  readonly children?: readonly Structure[];
  readonly value?: unknown;
}

export interface Flat<Leaf> {
  readonly leaves: Leaf[];
  readonly structure: Structure;
}

const leafStructure: Structure = { kind: "leaf" };

export function flatten<Leaf>(tree: unknown, isLeaf: (x: unknown) => x is Leaf): Flat<Leaf> {
  const leaves: Leaf[] = [];
  /** What is being visited, outermost first. */
  const outer: unknown[] = [];
  const within = <T>(x: unknown, visitAll: () => T): T => {
    if (outer.includes(x)) refuse("tree", "must not contain itself, got an array or an object that does");
    outer.push(x);
    const visited = visitAll();
    outer.pop();
    return visited;
  };
  const visit = (x: unknown): Structure => {
    if (isLeaf(x)) {
      leaves.push(x);
      return leafStructure;
    }
    if (Array.isArray(x)) {
      const list = x as readonly unknown[];
      for (let i = 0; i < list.length; i++)
        if (!(i in list)) refuse("tree", `an array of it has no element ${i}`);
      return within(x, () => ({ kind: "array", children: list.map(visit) }));
    }
    if (isPlainObject(x)) {
      const keys = Object.keys(x);
      return within(x, () => ({ kind: "object", keys, children: keys.map((k) => visit(x[k])) }));
    }
    return { kind: "static", value: x };
  };
  return { structure: visit(tree), leaves };
}

export function unflatten(structure: Structure, leaves: readonly unknown[]): unknown {
  let next = 0;
  const build = (s: Structure): unknown => {
    switch (s.kind) {
      case "leaf":
        return leaves[next++];
      case "static":
        return s.value;
      case "array":
        return s.children!.map(build);
      case "object":
        return Object.fromEntries(s.keys!.map((k, i) => [k, build(s.children![i])]));
    }
  };
  return build(structure);
}

export function sameStructure(a: Structure, b: Structure): boolean {
  if (a.kind !== b.kind) return false;
  if (a.kind === "static") return Object.is(a.value, b.value);
  if (a.kind === "leaf") return true;
  if (a.children!.length !== b.children!.length) return false;
  if (a.keys && !a.keys.every((k, i) => k === b.keys![i])) return false;
  return a.children!.every((c, i) => sameStructure(c, b.children![i]));
}

/** The structure in words for error messages: `{w: *, b: [*, *]}`. */
export function formatStructure(s: Structure): string {
  switch (s.kind) {
    case "leaf":
      return "*";
    case "static":
      return String(s.value);
    case "array":
      return `[${s.children!.map(formatStructure).join(", ")}]`;
    case "object":
      return `{${s.keys!.map((k, i) => `${k}: ${formatStructure(s.children![i])}`).join(", ")}}`;
  }
}

/** The path of each leaf, such as `layers.0.w`, in leaf order. */
export function leafPaths(structure: Structure): string[] {
  const paths: string[] = [];
  const visit = (s: Structure, path: string): void => {
    if (s.kind === "leaf") paths.push(path);
    s.children?.forEach((c, i) => {
      const key = s.keys ? s.keys[i] : String(i);
      visit(c, path ? `${path}.${key}` : key);
    });
  };
  visit(structure, "");
  return paths;
}

/** Whether `x` is an array, nested as deep as a tensor may be at most, whose first element is one of those meant. */
export function isNested(x: unknown, isElement: (element: unknown) => boolean): boolean {
  let inner = x;
  for (let depth = 0; depth <= maxDimensions && Array.isArray(inner); depth++) {
    [inner] = inner as readonly unknown[];
    if (isElement(inner)) return true;
  }
  return false;
}

export function isPlainObject(x: unknown): x is Record<string, unknown> {
  if (typeof x !== "object" || x === null) return false;
  const prototype = Object.getPrototypeOf(x) as unknown;
  return prototype === null || prototype === Object.prototype || Object.getPrototypeOf(prototype) === null;
}
