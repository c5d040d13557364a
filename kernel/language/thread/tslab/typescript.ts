import { createRequire, Module } from "node:module";
import { statSync } from "node:fs";
import { join, parse, relative } from "node:path";
import type * as TypeScript from "typescript";
import type * as tslabConverter from "tslab/dist/converter";
import type { Diagnostic, SourceMapJson } from "../../../contract/messages";
import { libraryFolder } from "../../../folders";
import { projectOptions } from "../../project/project";
import { ambientDeclarations } from "./ambient";
import { loadKept } from "./codeCache";
import { tensorConditions } from "../emit/tensorConditions";
import { readDocsWhenAsked, withoutDocs } from "./docs";
import { earlierDeclarations } from "./earlier";
import { forkOf } from "./fork";
import { languageVersion, libraryFiles } from "./libraries";
import { withTransformers } from "../emit/emitting";
import { absentGlobals, isOfNode } from "../emit/globals";
import { guardAwaits } from "../emit/interruptibleAwaits";
import { lastExpression } from "../emit/lastExpression";
import { nestedVarTypes } from "../emit/nestedVars";
import { shorthand } from "../emit/shorthand";
import { throughImported } from "../emit/imports";
import { createTranspiler } from "../emit/transpile";
import { exportedNames, importsThroughNamespace, throughNamespace } from "../emit/variables";
import { cellPrograms, modulesOf } from "./cellPrograms";

/**
 * tslab and TypeScript, with what tslab does not ask of the compiler: strictness, source maps, `saddle` and Node's types
 * from any folder, and no watching of files behind the kernel's back. tslab brings a fork of TypeScript 5.0, but takes it
 * from the module cache, where there is this compiler instead, with a few functions replaced.
 */
const tslabRequire = createRequire(require.resolve("tslab/package.json"));
const forkPath = tslabRequire.resolve("@tslab/typescript-for-tslab");

export const ts = loadKept(require.resolve("typescript"), require.cache) as typeof TypeScript;

const untypedModule = 7016;
/** `./module.ts` is found by that name, and must not be written into JavaScript for others, which a cell is not. */
const importOfTsFile = 5097;
const allowed = new Set([untypedModule, importOfTsFile]);
const unresolvedModules = new Set([2307, 2792, untypedModule]);
/**
 * That the type of a variable has no name by which it could be written down for the cells that follow. All else that is
 * wrong with what is written down is nothing that a cell has done, which exports nothing.
 */
export const unnameable: ReadonlySet<number> = new Set([4023, 4025]);
/** `await` and `for await` in a function that is not `async`, which no JavaScript engine takes. */
const misplacedAwaits = new Set([1308, 1103]);
/** In a module that exports nothing, there are errors of their own. */
const topLevelAwaits = new Set([...misplacedAwaits, 1375, 1378, 1431, 1432]);
/** `import x = require("module")` and `export = x`. */
const ofCommonJs = new Set([1202, 1203]);
const declarationFile = /\.d\.[cm]?ts$/;

type TslabConverter = typeof tslabConverter;

/** A cell as an ES module in JavaScript, and the way from it to the cell. */
export interface EmittedModule {
  readonly text: string;
  readonly map?: SourceMapJson;
}

/** What the latest emission left besides its text. */
export interface Emission {
  readonly maps: readonly SourceMapJson[];
  readonly imports: readonly string[];
  readonly variables: readonly string[];
  readonly module: EmittedModule;
}

interface Watched {
  readonly notify: TypeScript.FileWatcherCallback;
  modified: number;
}

const watched = new Map<string, Watched>();
const emission: { latest: Emission } = {
  latest: { maps: [], imports: [], variables: [], module: { text: "" } },
};
const earlier = earlierDeclarations(ts);
const checking = { types: true, foundUnresolved: false, inModules: [] as readonly TypeScript.Diagnostic[] };
/** What the project's `tsconfig.json` said when the converter was opened. */
const project: { options: TypeScript.CompilerOptions } = { options: {} };

const transpile = createTranspiler(ts, {
  target: languageVersion(ts),
  module: ts.ModuleKind.Node16,
  esModuleInterop: true,
  newLine: ts.NewLineKind.LineFeed,
  sourceMap: true,
});

/** Makes one of tslab's converters for the working folder. */
export function openConverter(): tslabConverter.Converter {
  watched.clear();
  checking.foundUnresolved = false;
  project.options = projectOptions(ts, process.cwd());
  const { createConverter } = tslabRequire("./dist/converter") as TslabConverter;
  return createConverter({});
}

export function latestEmission(): Emission {
  return emission.latest;
}

/** Whether a module was looked for in vain since the converter was opened: it remembers that for good. */
export function missedModule(): boolean {
  return checking.foundUnresolved;
}

/** Whether the project's `tsconfig.json` says something else by now. */
export function projectChanged(): boolean {
  return JSON.stringify(projectOptions(ts, process.cwd())) !== JSON.stringify(project.options);
}

/** What is wrong with the modules that the cell converted last imports. */
export function diagnosticsOfModules(): Diagnostic[] {
  return checking.inModules.flatMap(({ file, start = 0, length = 1, messageText }) => {
    if (file === undefined) return [];
    const { line, character: column } = file.getLineAndCharacterOfPosition(start);
    const name = relative(process.cwd(), file.fileName);
    const message = ts.flattenDiagnosticMessageText(messageText, "\n");
    return [{ message, start: 0, end: 0, file: { name, line, column, length, source: file.text } }];
  });
}

/** Tells the compiler of the local modules that have changed on the disk; returns whether there are any. */
export function noticeChanges(): boolean {
  let found = false;
  for (const [path, file] of watched) {
    const modified = modificationTime(path);
    if (modified === file.modified) continue;
    file.modified = modified;
    file.notify(path, ts.FileWatcherEventKind.Changed);
    // What is gone the compiler would go on to find there.
    if (modified === 0) checking.foundUnresolved = true;
    found = true;
  }
  return found;
}

/** Runs `work` with errors of type left out of the diagnostics, or not. */
export function withTypeErrors<T>(wanted: boolean, work: () => T): T {
  checking.types = wanted;
  try {
    return work();
  } finally {
    checking.types = true;
  }
}

function modificationTime(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;
}

function watchFile(path: string, notify: TypeScript.FileWatcherCallback): TypeScript.FileWatcher {
  if (!path.includes("/node_modules/")) watched.set(path, { notify, modified: modificationTime(path) });
  return { close: () => watched.delete(path) };
}

function nodeTypes(folder: string): string {
  const paths = [folder, __dirname];
  return join(require.resolve("@types/node/package.json", { paths }), "..", "index.d.ts");
}

/** What tslab's fork alone knows, or TypeScript no longer. */
const obsoleteOptions = new Set(["disableTopLevelAwait", "noImplicitUseStrict"]);

function cellOptions(given: TypeScript.CompilerOptions, nodeTypesFile: string): TypeScript.CompilerOptions {
  const current = Object.entries(given).filter(([name]) => !obsoleteOptions.has(name));
  const options: TypeScript.CompilerOptions = Object.fromEntries(current);
  return {
    ...options,
    // A file that refers to Node's types gets the same ones: all of them twice take a second to read.
    typeRoots: [join(nodeTypesFile, "..", ".."), ...(options.typeRoots ?? [])],
    strict: true,
    checkJs: false,
    experimentalDecorators: false,
    inlineSourceMap: true,
    target: languageVersion(ts),
    lib: libraryFiles(),
    moduleResolution: ts.ModuleResolutionKind.Bundler,
    types: [],
    ...project.options,
    customConditions: [...(project.options.customConditions ?? []), "node"],
    paths: { ...project.options.paths, saddle: [join(libraryFolder, "index.d.ts")] },
    // Modules may lie anywhere.
    rootDir: parse(nodeTypesFile).root,
  };
}

/** Adds the file that declares what every cell has without importing it. */
function addAmbient(sys: TypeScript.System, path: string): void {
  const readFile = sys.readFile.bind(sys);
  const fileExists = sys.fileExists.bind(sys);
  sys.readFile = (file, encoding) => (file === path ? ambientDeclarations : readFile(file, encoding));
  sys.fileExists = (file) => file === path || fileExists(file);
}

/** Leaves the doc comments out of all declaration files but the notebook's own. */
function leaveDocs(sys: TypeScript.System, own: readonly string[]): void {
  const readFile = sys.readFile.bind(sys);
  sys.readFile = (file, encoding) => {
    const text = readFile(file, encoding);
    return text === undefined || own.includes(file) || !declarationFile.test(file) ? text : withoutDocs(text);
  };
}

function createWatchCompilerHost(
  files: string[],
  options: TypeScript.CompilerOptions,
  sys: TypeScript.System,
  _createProgram: undefined,
  ...rest: [TypeScript.DiagnosticReporter, TypeScript.WatchStatusReporter]
): object {
  const folder = sys.getCurrentDirectory();
  const ambient = join(folder, "__saddle__.d.ts");
  const ofNode = nodeTypes(folder);
  addAmbient(sys, ambient);
  leaveDocs(sys, files);
  for (const file of files) if (file.endsWith(".d.ts")) earlier.watch(sys, file);
  return ts.createWatchCompilerHost(
    [...files, ofNode, ambient],
    cellOptions(options, ofNode),
    sys,
    withTransformers(
      cellPrograms(ts, (file) => files.includes(file)),
      [shorthand(ts), nestedVarTypes(ts), lastExpression(ts)],
    ),
    ...rest,
  );
}

/** tslab's step from ES modules to CommonJS, with its target and without its other choices. */
function transpileModule(js: string): TypeScript.TranspileOutput {
  const module = withoutMap(js);
  const { code, ...emitted } = emitModule(module, []);
  emission.latest = { ...emitted, module };
  return { outputText: code };
}

/** An ES module as CommonJS that keeps `import()`, with its awaits guarded and the maps of both steps. */
export function emitModule(
  { text, map }: EmittedModule,
  before: readonly TypeScript.TransformerFactory<TypeScript.SourceFile>[],
): { code: string } & Omit<Emission, "module"> {
  const rewritten = [...before, throughNamespace(ts), guardAwaits(ts)];
  const imports: string[] = [];
  const imported = throughImported(ts, (specifier) => imports.push(specifier));
  const transpiled = transpile(text, rewritten, [importsThroughNamespace(ts), imported]);
  const second = JSON.parse(transpiled.map) as SourceMapJson;
  const maps = map === undefined ? [second] : [second, map];
  const file = ts.createSourceFile("cell.js", text, ts.ScriptTarget.ES2022);
  const variables = [...exportedNames(ts, file)];
  return { code: withoutMap(transpiled.code).text, maps, imports, variables };
}

function withoutMap(js: string): { text: string; map?: SourceMapJson } {
  const comment = /\n?\/\/# sourceMappingURL=(?:data:application\/json;base64,)?(\S+)\s*$/.exec(js);
  if (comment === null) return { text: js };
  const text = js.slice(0, comment.index);
  if (!comment[0].includes("base64,")) return { text };
  return { text, map: JSON.parse(Buffer.from(comment[1], "base64").toString()) as SourceMapJson };
}

function getPreEmitDiagnosticsOfFiles(
  program: TypeScript.Program,
  files: TypeScript.SourceFile[],
): readonly TypeScript.Diagnostic[] {
  earlier.setCell(files[0]);
  checking.inModules = modulesOf(program, files[0]).flatMap(({ file, isOfPackage }) => [
    ...program.getSyntacticDiagnostics(file),
    ...(isOfPackage || !checking.types ? [] : program.getSemanticDiagnostics(file).filter(isMistake)),
  ]);
  for (const file of files) givePathToOriginal(file);
  const all = fork.getPreEmitDiagnosticsOfFiles(program, files);
  const found = [...all, ...checking.inModules];
  if (found.some(({ code }) => unresolvedModules.has(code))) checking.foundUnresolved = true;
  const syntax = new Set(files.flatMap((file) => program.getSyntacticDiagnostics(file)));
  const ofDeclarations = new Set(files.flatMap((file) => program.getDeclarationDiagnostics(file)));
  const left = all.filter((diagnostic) => {
    if (allowed.has(diagnostic.code) || isOfNode(ts, diagnostic)) return false;
    if (ofDeclarations.has(diagnostic as never) && !unnameable.has(diagnostic.code)) return false;
    return checking.types || misplacedAwaits.has(diagnostic.code) || syntax.has(diagnostic as never);
  });
  if (!checking.types) return left.map(withoutCodeOfAwait);
  return [
    ...left.map(withoutCodeOfAwait),
    ...files.flatMap((file) => [...tensorConditions(ts, program, file), ...absentGlobals(ts, program, file)]),
  ];
}

/** tslab takes some of them for an await at the top level, by their code, and passes over them. */
function withoutCodeOfAwait(diagnostic: TypeScript.Diagnostic): TypeScript.Diagnostic {
  return misplacedAwaits.has(diagnostic.code) ? { ...diagnostic, code: 0 } : diagnostic;
}

/** Whether it is wrong in a module, which may be CommonJS, and may await at its top level. */
function isMistake(diagnostic: TypeScript.Diagnostic): boolean {
  const { code, category } = diagnostic;
  if (category !== ts.DiagnosticCategory.Error || allowed.has(code) || ofCommonJs.has(code)) return false;
  if (isOfNode(ts, diagnostic)) return false;
  return !topLevelAwaits.has(code) || !isAtTopLevel(diagnostic);
}

function isAtTopLevel({ file, start }: TypeScript.Diagnostic): boolean {
  if (file === undefined || start === undefined) return false;
  let inFunction = false;
  const visit = (node: TypeScript.Node): void => {
    if (node.pos > start || node.end <= start) return;
    inFunction ||= ts.isFunctionLike(node) || ts.isClassStaticBlockDeclaration(node);
    ts.forEachChild(node, visit);
  };
  visit(file);
  return !inFunction;
}

/**
 * A file with an await inside of an await at its top level is parsed twice, and the compiler names types as seen from
 * the first parse, which has no path.
 */
function givePathToOriginal(file: TypeScript.SourceFile): void {
  const { path, original } = file as { path?: string; original?: object };
  if (original !== undefined) Object.assign(original, { path });
}

const fork = forkOf(ts);

/** What tslab completes with sees no files, so that the paths of modules could not be completed. */
const Completions: typeof fork.Completions = {
  getCompletionsAtPositionForTslab(_host, program, ...rest) {
    const files = {
      ...ts.sys,
      useCaseSensitiveFileNames: () => ts.sys.useCaseSensitiveFileNames,
      getCompilationSettings: () => program.getCompilerOptions(),
    };
    return fork.Completions.getCompletionsAtPositionForTslab(files, program, ...rest);
  },
};

const replaced = {
  ...fork,
  ...earlier.replaced,
  createWatchCompilerHost,
  transpileModule,
  getPreEmitDiagnosticsOfFiles,
  Completions,
};

function replaceInCache(): void {
  const compiler = {};
  for (const key of new Set([...Object.keys(ts), ...Object.keys(replaced)])) {
    const get = () => (key in replaced ? replaced : ts)[key as never] as unknown;
    Object.defineProperty(compiler, key, { enumerable: true, configurable: true, get });
  }
  const module = new Module(forkPath);
  Object.assign(module, { exports: compiler, loaded: true });
  tslabRequire.cache[forkPath] = module;
  ts.sys.watchFile = watchFile;
  ts.sys.watchDirectory = () => ({ close: () => undefined });
}

replaceInCache();
readDocsWhenAsked(ts);
