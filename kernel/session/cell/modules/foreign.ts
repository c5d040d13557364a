import { Module, createRequire } from "node:module";
import { dirname, isAbsolute, join } from "node:path";
import { pathToFileURL } from "node:url";
import { Script, constants } from "node:vm";
import { libraryFolder } from "../../../folders";
import { library } from "./library";

type Import = (specifier: string) => Promise<unknown>;

/** The part of Node's module loader that it does not declare. */
interface ModuleLoader {
  _resolveFilename(request: string, ...rest: unknown[]): string;
}

const isAsynchronous = new Set(["ERR_REQUIRE_ASYNC_MODULE", "ERR_REQUIRE_ESM"]);

/** The modules that Node itself loads: its own, those of packages, and `saddle`, which is found from everywhere. */
export class ForeignModules {
  /** What could only be loaded asynchronously. */
  private readonly asynchronous = new Map<string, unknown>();
  private readonly imports = new Map<string, Import>();

  constructor() {
    const loader = Module as unknown as ModuleLoader;
    const original = loader._resolveFilename.bind(loader);
    loader._resolveFilename = (request, ...rest) =>
      request === "saddle" ? libraryPath() : original(request, ...rest);
  }

  /** `file` is the file that the specifier means, where it is known. */
  require(specifier: string, importer: string, file = specifier): unknown {
    const key = keyOf(file, importer);
    return this.asynchronous.has(key) ? this.asynchronous.get(key) : createRequire(importer)(file);
  }

  /** Loads what can only be loaded asynchronously, so that `require` has it; all other errors are left to that. */
  async prepare(specifier: string, importer: string, file = specifier): Promise<void> {
    try {
      this.require(specifier, importer, file);
    } catch (error) {
      if (!isAsynchronous.has((error as { code?: string }).code ?? "")) return;
      this.asynchronous.set(keyOf(file, importer), await this.import(specifier, importer, file));
    }
  }

  /** What `import()` resolves with. */
  import(specifier: string, importer: string, file = specifier): Promise<unknown> {
    // `saddle` is CommonJS, as it is to what requires it.
    if (specifier === "saddle") return Promise.resolve().then(() => this.require(specifier, importer));
    return this.importer(importer)(isAbsolute(file) ? pathToFileURL(file).href : file);
  }

  /** `import()` as it is in a module that lies where `importer` does. */
  importer(importer: string): Import {
    const folder = dirname(importer);
    const known = this.imports.get(folder);
    if (known !== undefined) return known;
    const script = new Script("(specifier) => import(specifier)", {
      filename: join(folder, "cell.js"),
      importModuleDynamically: constants.USE_MAIN_CONTEXT_DEFAULT_LOADER,
    });
    const found = script.runInThisContext() as Import;
    this.imports.set(folder, found);
    return found;
  }
}

function keyOf(file: string, importer: string): string {
  return isAbsolute(file) ? file : join(dirname(importer), "node_modules", file);
}

/** Where the library is, which has been loaded by then. */
function libraryPath(): string {
  library();
  return join(libraryFolder, "index.js");
}
