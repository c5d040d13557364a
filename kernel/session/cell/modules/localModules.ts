import { readFileSync, statSync } from "node:fs";
import { Module, createRequire } from "node:module";
import { dirname, extname, isAbsolute } from "node:path";
import { pathToFileURL } from "node:url";
import { compileFunction } from "node:vm";
import { scopeName } from "../../../language/thread/emit/interruptibleAwaits";
import type { ForeignModules } from "./foreign";
import { isInModulePackage, isLocal } from "./resolution";
import type { Manner, Resolution } from "./resolution";
import { ModuleSyntaxError, transpile } from "./transpile";
import type { Transpiled } from "./transpile";

/** A module of whose code there may be frames. */
export interface LivingModule {
  /** What V8 calls it. */
  readonly name: string;
  readonly file: string;
  readonly source: string;
  readonly map: Transpiled["map"];
  /** Lives as long as any of its code does. */
  readonly witness: object;
}

export interface LocalModulesParts {
  readonly resolution: Resolution;
  /** The module that the cells are. */
  readonly main: NodeJS.Module;
  readonly foreign: ForeignModules;
  /** Told of a module before it runs. */
  readonly onLoad: (module: LivingModule) => void;
  readonly onSyntaxError: (file: string, source: string, error: ModuleSyntaxError) => void;
}

/** What importing something finds there: a local module by its file, or one of Node's. */
export interface Importing {
  readonly specifier: string;
  readonly importer: string;
  readonly file: string | undefined;
}

interface LoadedModule {
  readonly module: NodeJS.Module;
  /** When its file was written, and its size. */
  readonly stamp: string;
  /** The files of the local modules that it imports. */
  readonly imported: Set<string>;
  /** Which loading it is part of. */
  readonly loading: object;
  done: boolean;
  /** Settles when it has run, if that takes more than one turn. */
  running?: Promise<void>;
}

type Run = (
  exports: unknown,
  require: NodeJS.Require,
  module: NodeJS.Module,
  filename: string,
  dirname: string,
  scope: object,
) => unknown;

/**
 * The modules of no package, and all in TypeScript: those of the notebook's folder and of others, and those of packages
 * that are linked. Whatever they are written in, they run as CommonJS, in the order of ES modules, and can be loaded anew.
 */
export class LocalModules {
  private readonly parts: LocalModulesParts;
  private readonly loaded = new Map<string, LoadedModule>();
  /** How often each file was loaded, for what was loaded before may run on. */
  private readonly versions = new Map<string, number>();

  constructor(parts: LocalModulesParts) {
    this.parts = parts;
  }

  /** Forgets the modules whose files have changed, and those that have imported them. */
  forgetChanged(): void {
    const changed = new Set(
      [...this.loaded].flatMap(([file, { stamp }]) => (stampOf(file) === stamp ? [] : [file])),
    );
    // A set that grows while it is gone through.
    for (const file of changed) {
      for (const [importer, { imported }] of this.loaded) if (imported.has(file)) changed.add(importer);
    }
    for (const file of changed) this.loaded.delete(file);
  }

  /** Forgets the modules that an interrupt has left half loaded. */
  forgetUnfinished(): void {
    for (const [file, { done }] of this.loaded) if (!done) this.loaded.delete(file);
  }

  /** The value of `require` in a local module or in a cell. */
  require(importing: Importing): unknown {
    const { specifier, importer, file } = importing;
    if (file === undefined || !isLocal(file)) return this.parts.foreign.require(specifier, importer, file);
    this.note(importing);
    const known = this.loaded.get(file);
    if (known !== undefined) return known.module.exports;
    const loaded = this.add(file, {});
    try {
      const { code, awaits } = this.prepareToRun(file, loaded);
      if (awaits) throw asynchronous(file);
      code();
    } catch (error) {
      this.forget(file, loaded);
      throw error;
    }
    loaded.done = true;
    return loaded.module.exports;
  }

  /** Loads a module so that `require` has it, as ES modules are: what it imports first, waiting for each. */
  async prepare(importing: Importing, loading: object = {}): Promise<void> {
    const { specifier, importer, file } = importing;
    if (file === undefined || !isLocal(file)) return this.parts.foreign.prepare(specifier, importer, file);
    this.note(importing);
    const known = this.loaded.get(file);
    // What is part of the same loading imports this one, directly or not.
    if (known !== undefined) return known.loading === loading ? undefined : known.running;
    const loaded = this.add(file, loading);
    loaded.running = this.run(file, loaded);
    await loaded.running;
  }

  /** What `import()` resolves with. */
  async import(importing: Importing): Promise<unknown> {
    const { specifier, importer, file } = importing;
    // JSON needs no attribute to be imported.
    const isJson = (file ?? specifier).endsWith(".json");
    if ((file === undefined || !isLocal(file)) && !isJson) {
      return this.parts.foreign.import(specifier, importer, file);
    }
    await this.prepare(importing);
    return namespaceOf(this.require(importing));
  }

  private async run(file: string, loaded: LoadedModule): Promise<void> {
    try {
      const { code, imports } = this.prepareToRun(file, loaded);
      for (const importing of imports) await this.prepare(importing, loaded.loading);
      await code();
    } catch (error) {
      this.forget(file, loaded);
      throw error;
    }
    loaded.done = true;
  }

  /** By now another loading may have taken its place. */
  private forget(file: string, loaded: LoadedModule): void {
    if (this.loaded.get(file) === loaded) this.loaded.delete(file);
  }

  private note({ importer, file }: Importing): void {
    if (file !== undefined) this.loaded.get(importer)?.imported.add(file);
  }

  private add(file: string, loading: object): LoadedModule {
    const module = Object.assign(new Module(file), { filename: file });
    const loaded = { module, stamp: stampOf(file), imported: new Set<string>(), loading, done: false };
    this.loaded.set(file, loaded);
    return loaded;
  }

  /** What runs the module, and what it imports before. */
  private prepareToRun(
    file: string,
    { module }: LoadedModule,
  ): { code: () => unknown; imports: readonly Importing[]; awaits: boolean } {
    const source = readFileSync(file, "utf8").replace(/^\uFEFF/, "");
    if (file.endsWith(".json")) {
      return { code: () => (module.exports = parseJson(file, source)), imports: [], awaits: false };
    }
    const { code, map, imports, awaits } = this.transpiled(file, source);
    const importing = imports.map((specifier) => this.importing(specifier, file, "import"));
    const require = this.requireFrom(file);
    const witness = (specifier: string) => this.importFrom(specifier, file);
    const run = this.compile(file, { source, map, witness }, code, awaits);
    const scope = { load: witness, meta: metaOf(file, require), imported: this.imported(importing) };
    return {
      code: () => run(module.exports, require, module, file, dirname(file), scope),
      imports: importing,
      awaits,
    };
  }

  private transpiled(file: string, source: string): Transpiled {
    const isModule =
      /^\.m[jt]s$/.test(extname(file)) || (!/^\.c[jt]s$/.test(extname(file)) && isInModulePackage(file));
    try {
      return transpile(file, source, { project: this.parts.resolution.project, isModule });
    } catch (error) {
      if (error instanceof ModuleSyntaxError) this.parts.onSyntaxError(file, source, error);
      throw error;
    }
  }

  private compile(
    file: string,
    { source, map, witness }: Pick<LivingModule, "source" | "map" | "witness">,
    code: string,
    awaits: boolean,
  ): Run {
    const version = (this.versions.get(file) ?? 0) + 1;
    this.versions.set(file, version);
    const name = version === 1 ? file : `${file}?${version}`;
    this.parts.onLoad({ name, file, source, map, witness });
    const parameters = ["exports", "require", "module", "__filename", "__dirname", scopeName];
    const prologue = `return (${awaits ? "async " : ""}function (${parameters.join(", ")}) { `;
    const create = compileFunction(`${prologue}${code}\n})`, [], {
      filename: name,
      columnOffset: -prologue.length,
      importModuleDynamically: witness as never,
    }) as () => Run;
    return create();
  }

  importFrom(specifier: string, importer: string): Promise<unknown> {
    return this.import(this.importing(specifier, importer, "import"));
  }

  importing(specifier: string, importer: string, manner: Manner): Importing {
    const given = specifier.startsWith("file:") ? new URL(specifier) : undefined;
    const path = given === undefined ? specifier : decodeURIComponent(given.pathname);
    return { specifier, importer, file: this.parts.resolution.fileOf(path, importer, manner) };
  }

  /** What gives a module, or a cell, what it imports by `import … from`. */
  imported(imports: readonly Importing[]): (specifier: string) => unknown {
    const found = new Map(imports.map((importing) => [importing.specifier, importing]));
    return (specifier) => this.require(found.get(specifier)!);
  }

  /** `require` of a file. */
  requireFrom(file: string): NodeJS.Require {
    const ofNode = createRequire(file);
    const find = (specifier: string) => this.importing(specifier, file, "require");
    const require = (specifier: string): unknown => this.require(find(specifier));
    const resolve = (specifier: string, options?: NodeJS.RequireResolveOptions): string =>
      (options === undefined ? find(specifier).file : undefined) ?? ofNode.resolve(specifier, options);
    return Object.assign(require, ofNode, {
      main: this.parts.main,
      resolve: Object.assign(resolve, ofNode.resolve),
    });
  }
}

/** What a module knows as `import.meta`. */
export function metaOf(file: string, require: NodeJS.Require): ImportMeta {
  const { href: url } = pathToFileURL(file);
  const resolve = (specifier: string): string => {
    const found = require.resolve(specifier);
    return isAbsolute(found) ? pathToFileURL(found).href : `node:${found.replace(/^node:/, "")}`;
  };
  return { url, filename: file, dirname: dirname(file), resolve };
}

function namespaceOf(exports: unknown): unknown {
  if (typeof exports === "object" && exports !== null && "__esModule" in exports) return exports;
  const isObject = (typeof exports === "object" && exports !== null) || typeof exports === "function";
  return Object.freeze({ ...(isObject ? exports : {}), default: exports });
}

function parseJson(file: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new SyntaxError(`${file}: ${(error as Error).message}`);
  }
}

function asynchronous(file: string): Error {
  const error = new Error(`${file} awaits at its top level, which require() cannot wait for: import it`);
  return Object.assign(error, { code: "ERR_REQUIRE_ASYNC_MODULE" });
}

/** When the file was written, and its size; the same for all that are gone. */
function stampOf(file: string): string {
  const { mtimeMs, size, ino } = statSync(file, { throwIfNoEntry: false }) ?? {};
  return `${mtimeMs} ${size} ${ino}`;
}
