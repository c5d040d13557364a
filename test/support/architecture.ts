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

const usersOfTheLibrary = /^kernel\/(main|session\/.*|parallel\/.*|.*doctor)$/;

/** Where alone a package may be imported. */
const homes: Readonly<Record<string, RegExp>> = {
  // The benchmark gives other libraries the same Dawn.
  // Libraries of the machine are called through it.
  koffi: /^lib\/util\/native$/,
  webgpu: /^(lib\/gpu\/adapter|bench\/tensor\/peers)$/,
  tslab: /^(test\/)?kernel\/language\//,
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
  const [own, other] = [libraryRank(file), libraryRank(imported)];
  if (own === -1) return "its folder has no place in the order";
  return other > own ? "a folder imports only from those above it in the order" : undefined;
}

function brokenKernelRule(file: string, imported: string): string | undefined {
  if (/^(test|bench)\//.test(imported)) return "the kernel knows no tests";
  if (!imported.startsWith("lib/") || imported.startsWith("lib/util/")) return undefined;
  if (imported !== "lib/index") return "the kernel sees of the library its index and lib/util alone";
  return usersOfTheLibrary.test(file)
    ? undefined
    : "only kernel/main, kernel/session, kernel/parallel and doctor may";
}

function libraryRank(file: string): number {
  return libraryOrder.indexOf(file.split("/")[1]);
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
