import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, normalize, relative, sep } from "node:path";
import ts from "typescript";

/** For each file, by its path from the repository's root without `.ts`, what it imports: such paths, or packages. */
export type ImportGraph = ReadonlyMap<string, readonly string[]>;

/** Each folder of lib imports only from itself and from those before it. */
export const libraryOrder = [
  "util",
  "scalar",
  "loops",
  "graph",
  "blas",
  "ops",
  "device",
  "wgsl",
  "numbers",
  "gpu",
  "tensor",
  "transform",
  "viz",
  "linalg",
  "curvature",
  "optim",
  "nn",
  "augment",
  "data",
  "parallel",
  "report",
  "index",
];

/**
 * So does each folder of the kernel, and each file beside them. Where code runs is the folder: `thread` is the language's,
 * `cell` the process that runs cells, `rank` a rank; all else runs in the kernel's own process, `host` with whoever has
 * started what it is the host of.
 */
export const kernelOrder = [
  "folders",
  "flags",
  "version",
  "contract",
  "wire",
  "magics",
  "language/project",
  "language/thread/emit",
  "language/thread/tslab",
  "language/thread/assist",
  "language/thread/ranks",
  "language/thread/compile",
  "language/thread",
  "language/host",
  "session/cell/modules",
  "session/cell/interrupt",
  "session/cell/output",
  "session/cell/evaluate",
  "session/cell/api",
  "session/cell",
  "session/host",
  "parallel",
  "parallel/rank",
  "parallel/cell",
  "processes",
  "debug",
  "dispatch",
  "headless",
  "site",
  "install",
  "kernel",
  "main",
];

const usersOfTheLibrary =
  /^kernel\/(main|contract\/(rank|mpi)Messages|session\/cell\/.*|parallel\/.*|processes\/.*|.*doctor)$/;

/** Where alone a package may be imported. */
const homes: Readonly<Record<string, RegExp>> = {
  // The benchmark gives other libraries the same Dawn.
  // Libraries of the machine are called through it.
  koffi: /^lib\/util\/native$/,
  webgpu: /^(lib\/gpu\/adapter|bench\/tensor\/peers)$/,
  tslab: /^(test\/)?kernel\/language\/thread\//,
};

/** The imports of all TypeScript files below those `folders` of `root` that there are. */
export function readImports(root: string, folders: readonly string[]): ImportGraph {
  const files = folders
    .map((folder) => join(root, folder))
    .filter((folder) => existsSync(folder))
    .flatMap((folder) =>
      readdirSync(folder, { recursive: true, encoding: "utf8" }).map((file) => join(folder, file)),
    )
    .filter((file) => file.endsWith(".ts"));
  const name = (path: string) => relative(root, path).replaceAll(sep, "/").replace(/\.ts$/, "");
  const known = new Set(files.map(name));

  const resolve = (file: string, specifier: string): string => {
    if (!specifier.startsWith(".")) return specifier;
    const target = name(normalize(join(dirname(file), specifier))).replace(/\.js$/, "");
    return known.has(target) ? target : `${target}/index`;
  };
  return new Map(
    files.map((file) => {
      const { importedFiles } = ts.preProcessFile(readFileSync(file, "utf8"), true, true);
      return [name(file), importedFiles.map((imported) => resolve(file, imported.fileName))];
    }),
  );
}

/** All that breaks the order of the house, a sentence each. */
export function violations(graph: ImportGraph): string[] {
  const found = [...graph].flatMap(([file, imports]) =>
    imports.flatMap((imported) => {
      const rule = brokenRule(file, imported);
      return rule === undefined ? [] : [`${file} imports ${imported}: ${rule}`];
    }),
  );
  const cycle = findCycle(graph);
  return cycle === undefined ? found : [...found, `import cycle: ${cycle.join(" → ")}`];
}

function brokenRule(file: string, imported: string): string | undefined {
  const home = Object.hasOwn(homes, imported) ? homes[imported] : undefined;
  if (home !== undefined && !home.test(file)) return `only ${home.source} may`;
  if (file.startsWith("lib/")) return brokenLibraryRule(file, imported);
  if (file.startsWith("kernel/")) return brokenKernelRule(file, imported);
  return undefined;
}

function brokenLibraryRule(file: string, imported: string): string | undefined {
  if (/^(kernel|test|bench)\//.test(imported)) return "the library stands alone";
  if (!imported.startsWith("lib/")) return undefined;
  return orderRule(libraryRank(file), libraryRank(imported));
}

function orderRule(own: number, other: number): string | undefined {
  if (own === -1) return "its folder has no place in the order";
  return other > own ? "a folder imports only from those above it in the order" : undefined;
}

function brokenKernelRule(file: string, imported: string): string | undefined {
  if (/^(test|bench)\//.test(imported)) return "the kernel knows no tests";
  if (imported.startsWith("kernel/")) return orderRule(kernelRank(file), kernelRank(imported));
  if (!imported.startsWith("lib/") || imported.startsWith("lib/util/")) return undefined;
  if (imported !== "lib/index") return "the kernel sees of the library its index and lib/util alone";
  return usersOfTheLibrary.test(file)
    ? undefined
    : "only kernel/main, kernel/session/cell, kernel/parallel, kernel/processes and doctor may";
}

function libraryRank(file: string): number {
  return libraryOrder.indexOf(file.split("/")[1]);
}

/** By its folder, or, of a file beside the kernel's folders, by its own name. */
function kernelRank(file: string): number {
  const path = file.split("/").slice(1);
  return kernelOrder.indexOf(path.length === 1 ? path[0] : path.slice(0, -1).join("/"));
}

/** The first import cycle between files that a depth-first search comes upon, its start repeated at its end. */
function findCycle(graph: ImportGraph): string[] | undefined {
  const finished = new Set<string>();
  const path: string[] = [];

  const visit = (file: string): string[] | undefined => {
    if (finished.has(file)) return undefined;
    if (path.includes(file)) return [...path.slice(path.indexOf(file)), file];
    path.push(file);
    for (const imported of graph.get(file) ?? []) {
      const cycle = visit(imported);
      if (cycle !== undefined) return cycle;
    }
    path.pop();
    finished.add(file);
    return undefined;
  };

  for (const file of graph.keys()) {
    const cycle = visit(file);
    if (cycle !== undefined) return cycle;
  }
  return undefined;
}
