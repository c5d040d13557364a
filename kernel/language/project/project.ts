import { dirname, join, resolve } from "node:path";
import type * as TypeScript from "typescript";

/** Options of the compiler that its types leave out: where `paths` are relative to, if there is no `baseUrl`. */
interface Options extends TypeScript.CompilerOptions {
  readonly pathsBasePath?: string;
}

/** What a cell and the modules that it imports take over from a `tsconfig.json`: how to find and how to write modules. */
const taken = [
  ...["moduleSuffixes", "rootDirs", "customConditions", "preserveSymlinks"],
  ...["jsx", "jsxFactory", "jsxFragmentFactory", "jsxImportSource", "reactNamespace"],
  ...["experimentalDecorators", "emitDecoratorMetadata", "useDefineForClassFields"],
  ...[
    "strict",
    "alwaysStrict",
    "noImplicitAny",
    "noImplicitThis",
    "strictBindCallApply",
    "strictFunctionTypes",
  ],
  ...["strictNullChecks", "strictPropertyInitialization", "useUnknownInCatchVariables"],
];

/**
 * Of the `tsconfig.json` that is nearest to the folder what cells and modules take over; nothing, if there is none.
 * Paths are absolute, and `baseUrl` has become one of them.
 */
export function projectOptions(ts: typeof TypeScript, folder: string): TypeScript.CompilerOptions {
  const file = ts.findConfigFile(folder, (path) => ts.sys.fileExists(path));
  if (file === undefined) return {};
  const { config } = ts.readConfigFile(file, (path) => ts.sys.readFile(path)) as { config?: object };
  // Which files the project has takes long to find out, and does not matter here.
  const host = { ...ts.sys, readDirectory: () => [] };
  const { options } = ts.parseJsonConfigFileContent(config ?? {}, host, dirname(file), undefined, file);
  const kept = Object.entries(options).filter(([name]) => taken.includes(name));
  return {
    ...Object.fromEntries(kept),
    ...jsxOf(ts, options),
    ...classFieldsOf(ts, options),
    paths: pathsOf(options, dirname(file)),
  };
}

/** What is to be run cannot be left as it is. */
function jsxOf(ts: typeof TypeScript, { jsx }: TypeScript.CompilerOptions): TypeScript.CompilerOptions {
  const { Preserve, ReactNative, ReactJSX } = ts.JsxEmit;
  return jsx === Preserve || jsx === ReactNative ? { jsx: ReactJSX } : {};
}

/** The compiler decides by the language that it compiles to, which here is not the project's. */
function classFieldsOf(
  ts: typeof TypeScript,
  { useDefineForClassFields, target = ts.ScriptTarget.ES2022 }: TypeScript.CompilerOptions,
): TypeScript.CompilerOptions {
  return { useDefineForClassFields: useDefineForClassFields ?? target >= ts.ScriptTarget.ES2022 };
}

// TypeScript 6 deprecates `baseUrl`, which projects have as long as they are compiled by an older one.
/* eslint-disable @typescript-eslint/no-deprecated */
function pathsOf(
  { paths = {}, baseUrl, pathsBasePath }: Options,
  folder: string,
): TypeScript.MapLike<string[]> {
  const base = baseUrl ?? pathsBasePath ?? folder;
  const absolute = Object.entries(paths).map(([pattern, targets]): [string, string[]] => [
    pattern,
    targets.map((target) => resolve(base, target)),
  ]);
  const found = Object.fromEntries(absolute);
  return baseUrl === undefined ? found : { ...found, "*": [...(found["*"] ?? []), join(baseUrl, "*")] };
}
/* eslint-enable @typescript-eslint/no-deprecated */
