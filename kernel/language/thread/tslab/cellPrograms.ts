import { basename, join } from "node:path";
import type * as TypeScript from "typescript";
import { renewed } from "./renewed";

type Builder = TypeScript.EmitAndSemanticDiagnosticsBuilderProgram;
type Arguments = Parameters<TypeScript.CreateProgram<Builder>>;

/** What is asked of a program: by tslab, and by the compiler's watch. */
interface CellBuilder extends Pick<
  Builder,
  "getProgram" | "getCompilerOptions" | "getSourceFile" | "getAllDependencies" | "emit"
> {
  getProgramOrUndefined(): TypeScript.Program;
}

/** The parts of the compiler's source files that it does not declare. */
interface BoundFile extends TypeScript.SourceFile {
  path: string;
  readonly moduleAugmentations?: readonly TypeScript.Node[];
  readonly commentDirectives?: readonly object[];
}

/** The parts of its programs that it does not. */
interface Internals {
  /** Why each file is in the program: which import of which file, by number. */
  getFileIncludeReasons(): Map<string, unknown>;
  /** By the path of the importing file. */
  readonly resolvedModules?: Map<string, Resolutions>;
  emit(...args: [...Emission, evenIfWrong: boolean]): TypeScript.EmitResult;
}

type Emission = [
  file: TypeScript.SourceFile | undefined,
  write: TypeScript.WriteFileCallback | undefined,
  cancellation: TypeScript.CancellationToken | undefined,
  onlyDeclarations: boolean | undefined,
  transformers: TypeScript.CustomTransformers | undefined,
];

interface Resolutions {
  forEach(visit: (resolution: { resolvedModule?: TypeScript.ResolvedModuleFull }) => void): void;
}

interface Binder {
  bindSourceFile(file: TypeScript.SourceFile, options: TypeScript.CompilerOptions): void;
}

/** A checker keeps what it has learnt of each file that it has seen, of which only the latest are alive. */
const filesOfOneChecker = 200;

/**
 * Makes programs that share a checker as long as nothing has changed but the cell and what the cells before it have
 * declared. These are modules, so that the checker's view of all others is as good as new; and to make one, with the
 * globals of Node and of the libraries, is nine tenths of what a cell would cost. Nor do the programs keep track of
 * what depends on what, as those of the compiler's watch do.
 */
export function cellPrograms(
  ts: typeof TypeScript,
  isOfCell: (fileName: string) => boolean,
): TypeScript.CreateProgram<Builder> {
  let base: TypeScript.Program | undefined;
  let shared = 0;
  /** The latest that the compiler has made, and what it was made of. */
  let made: { program: TypeScript.Program; rootNames: readonly string[] } | undefined;

  const cellsOf = (program: TypeScript.Program) =>
    program.getSourceFiles().filter(({ fileName }) => isOfCell(fileName));
  const mayShare = (program: TypeScript.Program): boolean =>
    base !== undefined &&
    shared + 1 < filesOfOneChecker &&
    sameElsewhere(program, base, isOfCell) &&
    cellsOf(program).every(isPlainModule);

  return (...[rootNames = [], options = {}, host, old, errors, projectReferences]: Arguments): Builder => {
    const create = (): TypeScript.Program => {
      const program = ts.createProgram({
        ...{ rootNames, options, host: host && withoutVainSearches(host), projectReferences },
        ...{ oldProgram: old?.getProgram(), configFileParsingDiagnostics: errors },
      });
      made = { program, rootNames };
      return program;
    };
    const isAsked =
      made?.program.getCompilerOptions() === options && made.rootNames.join() === rootNames.join();
    const fresh = isAsked && made && host ? renewed(made.program, host, isOfCell) : undefined;
    const own = fresh !== undefined && mayShare(fresh) ? fresh : create();
    const ofCell = cellsOf(own);
    const isShared = mayShare(own);
    if (isShared) shared++;
    else [base, shared] = [ofCell.every(isPlainModule) ? own : undefined, 0];
    for (const file of isShared ? ofCell : []) (ts as unknown as Binder).bindSourceFile(file, options);
    const program = isShared && base !== undefined ? withCheckerOf(base, own, shared) : own;
    return builderOf(ts, program, ofCell.every(isPlainModule)) as unknown as Builder;
  };
}

type Resolve = NonNullable<TypeScript.CompilerHost["resolveModuleNameLiterals"]>;

/** Modules named `node:…` are declared by Node's types: there is no file to be found in any folder. */
function withoutVainSearches(host: TypeScript.CompilerHost): TypeScript.CompilerHost {
  const search = host.resolveModuleNameLiterals?.bind(host);
  if (search === undefined) return host;
  const resolveModuleNameLiterals: Resolve = (literals, ...where) => {
    const sought = literals.filter(({ text }) => !text.startsWith("node:"));
    const found = search(sought, ...where);
    let next = 0;
    return literals.map((literal) =>
      literal === sought[next] ? found[next++] : { resolvedModule: undefined },
    );
  };
  return { ...host, resolveModuleNameLiterals };
}

function sameElsewhere(
  program: TypeScript.Program,
  other: TypeScript.Program,
  isOfCell: (fileName: string) => boolean,
): boolean {
  const [files, others] = [program.getSourceFiles(), other.getSourceFiles()];
  return (
    files.length === others.length &&
    files.every((file, i) => file === others[i] || (isOfCell(file.fileName) && isOfCell(others[i].fileName)))
  );
}

/** Whether a file adds nothing to what others declare, and expects no errors, of which a checker has those of all. */
function isPlainModule(file: TypeScript.SourceFile): boolean {
  const { moduleAugmentations = [], commentDirectives = [] } = file as BoundFile;
  return moduleAugmentations.length + (file.isDeclarationFile ? 0 : commentDirectives.length) === 0;
}

/** `own` with what needs a checker done by `base`, which has one. `serial` tells the files of its programs apart. */
function withCheckerOf(
  base: TypeScript.Program,
  own: TypeScript.Program,
  serial: number,
): TypeScript.Program {
  const [known, now] = [base, own] as unknown as Internals[];
  takeReasons(known, now);
  takeResolutions(known, now);
  const find = <D extends TypeScript.Diagnostic>(
    file: TypeScript.SourceFile | undefined,
    diagnose: () => readonly D[],
  ) =>
    withOwnPath(known, file as BoundFile | undefined, serial, diagnose).filter(
      (found) => found.file === file,
    );
  return {
    ...own,
    emit: (...args) => base.emit(...args),
    getTypeChecker: () => base.getTypeChecker(),
    getGlobalDiagnostics: () => base.getGlobalDiagnostics(),
    getSemanticDiagnostics: (file) => find(file, () => base.getSemanticDiagnostics(file)),
    getDeclarationDiagnostics: (file) => find(file, () => base.getDeclarationDiagnostics(file)),
  };
}

/** The checker of `program` names a module as the cell imports it, and so needs the imports of the cell of now. */
function takeReasons(program: Internals, now: Internals): void {
  const reasons = program.getFileIncludeReasons();
  const entries = [...now.getFileIncludeReasons()]; // which may be the same map
  reasons.clear();
  for (const [path, why] of entries) reasons.set(path, why);
}

/** What the files import is looked up in the program whose checker it is. */
function takeResolutions({ resolvedModules: known }: Internals, { resolvedModules: now }: Internals): void {
  if (known !== now) for (const [path, resolutions] of now ?? []) known?.set(path, resolutions);
}

/** A program remembers by path what it has found in a file, and what the file imports. */
function withOwnPath<T>(
  { resolvedModules }: Internals,
  file: BoundFile | undefined,
  serial: number,
  work: () => T,
): T {
  if (file === undefined) return work();
  const { path } = file;
  const ownPath = `${path}#${serial}`;
  const resolutions = resolvedModules?.get(path);
  if (resolutions !== undefined) resolvedModules?.set(ownPath, resolutions);
  file.path = ownPath;
  try {
    return work();
  } finally {
    file.path = path;
    resolvedModules?.delete(ownPath);
  }
}

/** What is declared before is a variable of the notebook to tslab, which what is declared globally is not. */
function withoutGlobals(ts: typeof TypeScript, checker: TypeScript.TypeChecker): TypeScript.TypeChecker {
  const isGlobal = (node: TypeScript.Node | undefined): boolean =>
    node !== undefined && ((node.flags & ts.NodeFlags.GlobalAugmentation) !== 0 || isGlobal(node.parent));
  const getSymbolAtLocation = (node: TypeScript.Node) => {
    const symbol = checker.getSymbolAtLocation(node);
    if (symbol?.declarations?.some(isGlobal) !== true) return symbol;
    return Object.create(symbol, {
      declarations: { value: symbol.declarations.filter((one) => !isGlobal(one)) },
    }) as TypeScript.Symbol;
  };
  return { ...checker, getSymbolAtLocation };
}

function builderOf(ts: typeof TypeScript, program: TypeScript.Program, isPlain: boolean): CellBuilder {
  const asked = isPlain
    ? program
    : { ...program, getTypeChecker: () => withoutGlobals(ts, program.getTypeChecker()) };
  return {
    getProgram: () => asked,
    getProgramOrUndefined: () => program,
    getCompilerOptions: () => program.getCompilerOptions(),
    getSourceFile: (name) => {
      const file = program.getSourceFile(name);
      // tslab asks for its locals, and would export each: `declare global` is none.
      if (file !== undefined) {
        (ts as unknown as Binder).bindSourceFile(file, program.getCompilerOptions());
        (file as { locals?: Map<string, unknown> }).locals?.delete("__global");
      }
      return file;
    },
    // The modules that a cell imports are compiled when they are loaded.
    getAllDependencies: (file) => [file.fileName],
    // tslab knows what it emits by the file's name in the output folder, whatever folder the notebook is in. What is
    // declared is written down, as well as it can be, whatever is wrong with it.
    emit: (file, write, cancellation, onlyDts, transformers) => {
      const { outDir = "" } = program.getCompilerOptions();
      return (program as unknown as Internals).emit(
        file,
        write && ((path, ...data) => write(join(outDir, basename(path)), ...data)),
        cancellation,
        onlyDts,
        transformers,
        true,
      );
    },
  };
}

/** A module that a cell imports, directly or not. */
export interface ImportedModule {
  readonly file: TypeScript.SourceFile;
  /** Whether it has been found in `node_modules`, from which it may be linked to. */
  readonly isOfPackage: boolean;
}

/** The modules that are no declarations of others. */
export function modulesOf(program: TypeScript.Program, cell: TypeScript.SourceFile): ImportedModule[] {
  const { resolvedModules } = program as unknown as Internals;
  const found = new Map([[cell.fileName, { file: cell, isOfPackage: false }]]);
  for (const { file: importer, isOfPackage } of found.values()) {
    resolvedModules?.get((importer as BoundFile).path)?.forEach(({ resolvedModule }) => {
      if (resolvedModule === undefined || found.has(resolvedModule.resolvedFileName)) return;
      const { resolvedFileName, isExternalLibraryImport = false } = resolvedModule;
      const file = program.getSourceFile(resolvedFileName);
      if (file === undefined || file.isDeclarationFile) return;
      found.set(resolvedFileName, { file, isOfPackage: isOfPackage || isExternalLibraryImport });
    });
  }
  found.delete(cell.fileName);
  return [...found.values()];
}
