import { statSync } from "node:fs";
import { createRequire, Module } from "node:module";
import { dirname, join, resolve } from "node:path";
import { Script, constants } from "node:vm";
import type { CompiledCell, LocalModule } from "../../../contract/messages";
import { libraryFolder } from "../../../folders";
import { library } from "./library";

interface LoadedModule {
  _compile(code: string, file: string): void;
}

/** The parts of Node's module loader that it does not declare. */
interface ModuleLoader {
  _resolveFilename(request: string, parent: { filename?: string } | undefined, ...rest: unknown[]): string;
  readonly _extensions: Record<string, (module: LoadedModule, file: string) => void>;
}

const loader = Module as unknown as ModuleLoader;

/** How the cells of a notebook find modules: from its folder, local TypeScript and `saddle` included. */
export class Modules {
  readonly require: NodeJS.Require;
  /** The module that the cells are, in the notebook's folder. */
  readonly module: NodeJS.Module;
  private readonly local = new Map<string, string>();
  private readonly asynchronous = new Map<string, unknown>();
  /** When the JSON files that were read had been written. */
  private readonly json = new Map<string, number | undefined>();
  /** As `import()` does in a module that lies in the notebook's folder. */
  readonly importFromFolder: (specifier: string) => Promise<unknown>;

  constructor(folder: string) {
    const cell = join(folder, "cell.js");
    this.module = Object.assign(new Module(cell), { filename: cell });
    const fromFolder = createRequire(cell);
    this.require = Object.assign(
      (id: string): unknown => (this.asynchronous.has(id) ? this.asynchronous.get(id) : fromFolder(id)),
      fromFolder,
    );
    const importModuleDynamically = constants.USE_MAIN_CONTEXT_DEFAULT_LOADER;
    const script = new Script("(specifier) => import(specifier)", {
      filename: cell,
      importModuleDynamically,
    });
    this.importFromFolder = script.runInThisContext() as typeof this.importFromFolder;
    this.extendResolution();
  }

  /** Takes over the local modules of a cell, and loads what can only be loaded asynchronously. */
  async prepare({ imports, localModules }: CompiledCell): Promise<void> {
    this.update(localModules);
    this.forgetChangedJson();
    for (const specifier of imports) {
      try {
        this.require(specifier);
      } catch (error) {
        const { code } = error as { code?: string };
        // Any other error is the cell's own, where it imports the module.
        if (code !== "ERR_REQUIRE_ASYNC_MODULE" && code !== "ERR_REQUIRE_ESM") continue;
        this.asynchronous.set(specifier, await this.importFromFolder(specifier));
      }
    }
  }

  /** `import()` of a cell, which needs no attribute to import JSON. */
  load(specifier: string): Promise<unknown> {
    if (specifier.endsWith(".json")) return Promise.resolve().then(() => this.loadJson(specifier));
    if (specifier !== "saddle" && this.localPath(specifier, undefined) === undefined) {
      return this.importFromFolder(specifier);
    }
    return Promise.resolve(this.require(specifier));
  }

  private loadJson(specifier: string): object {
    this.forgetChangedJson();
    const value: unknown = this.require(specifier);
    return Object.freeze({ ...(value as object), default: value });
  }

  /** A module that has changed is loaded anew, as are all that may have loaded it. */
  private update(modules: readonly LocalModule[]): void {
    if (modules.length === 0) return;
    for (const { path, code } of modules) this.local.set(path, code);
    this.forgetLocal();
  }

  /** A file that has changed is read anew, by the local modules too. */
  private forgetChangedJson(): void {
    const changed = [...this.json].filter(([file, time]) => timeOf(file) !== time);
    for (const [file] of changed) {
      this.json.delete(file);
      Reflect.deleteProperty(this.require.cache, file);
    }
    if (changed.length > 0) this.forgetLocal();
  }

  private forgetLocal(): void {
    for (const path of this.local.keys()) Reflect.deleteProperty(this.require.cache, path);
  }

  private extendResolution(): void {
    const original = loader._resolveFilename.bind(loader);
    loader._resolveFilename = (request, parent, ...rest) =>
      request === "saddle"
        ? libraryPath()
        : (this.localPath(request, parent?.filename) ?? original(request, parent, ...rest));
    const compileFile = loader._extensions[".js"];
    loader._extensions[".js"] = (module, file) => {
      const code = this.local.get(file);
      if (code === undefined) compileFile(module, file);
      else module._compile(code, file);
    };
    const readJson = loader._extensions[".json"];
    loader._extensions[".json"] = (module, file) => {
      this.json.set(file, timeOf(file));
      readJson(module, file);
    };
  }

  /** Local modules are known by the paths that their JavaScript would have. */
  private localPath(request: string, importer: string | undefined): string | undefined {
    if (!/^\.{0,2}\//.test(request)) return undefined;
    const base = resolve(importer === undefined ? process.cwd() : dirname(importer), request);
    const paths = [base.replace(/(\.[tj]sx?)?$/, ".js"), join(base, "index.js")];
    return paths.find((path) => this.local.has(path));
  }
}

/** When the file was written; undefined if it is gone. */
function timeOf(file: string): number | undefined {
  return statSync(file, { throwIfNoEntry: false })?.mtimeMs;
}

/** Where the library is, which has been loaded by then. */
function libraryPath(): string {
  library();
  return join(libraryFolder, "index.js");
}
