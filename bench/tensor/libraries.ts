import type { Programs } from "./library";

/** Each is loaded in the process that measures it, and nowhere else. */
export const libraries = {
  saddle: async () => (await import("./saddle.js")).openSaddle(),
  "jax-js": async () => (await import("./jax.js")).openJax(),
  tfjs: async () => (await import("./tfjs.js")).openTfjs(),
  /** Not a library, but what one could reach. */
  hand: async () => (await import("./hand/index.js")).openHand(),
  /** On one thread of the CPU; measured when it is asked for. */
  "jax-js-wasm": async () => (await import("./jax.js")).openJax("wasm"),
} satisfies Readonly<Record<string, () => Promise<Programs>>>;

export type LibraryName = keyof typeof libraries;

export const measuredByDefault: readonly LibraryName[] = ["saddle", "jax-js", "tfjs", "hand"];

/** What Saddle is to be ahead of, on the same adapter. */
export const peers: readonly LibraryName[] = ["jax-js", "tfjs"];
