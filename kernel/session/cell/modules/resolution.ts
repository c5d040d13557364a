import { existsSync, readFileSync, realpathSync } from "node:fs";
import { isBuiltin } from "node:module";
import { dirname, join, sep } from "node:path";
import type * as TypeScript from "typescript";
import { projectOptions } from "../../../language/project/project";
import { typescript } from "./typescript";

/** By which conditions the `exports` of a package are read. */
export type Manner = "import" | "require";

const typescriptFile = /(?<!\.d)\.[cm]?tsx?$/;
const declarationFile = /\.d(\.\w+)?\.[cm]?ts$/;
const packages = `${sep}node_modules${sep}`;

/** Whether a file is loaded here, and again when it changes: what Node cannot load, and what is of no package. */
export function isLocal(file: string): boolean {
  return typescriptFile.test(file) || !file.includes(packages);
}

/**
 * Finds modules as the compiler does when it checks the types, by the `tsconfig.json` that is nearest to the notebook:
 * what type-checks is what runs.
 */
export class Resolution {
  private readonly folder: string;
  private known: TypeScript.CompilerOptions | undefined;

  constructor(folder: string) {
    this.folder = folder;
  }

  /** What the project's `tsconfig.json` says, as it was when `refresh` was called. */
  get project(): TypeScript.CompilerOptions {
    return (this.known ??= projectOptions(typescript(), this.folder));
  }

  refresh(): void {
    this.known = undefined;
  }

  /** The file that is meant; nothing, if Node is to find it, or to say that it cannot. */
  fileOf(specifier: string, importer: string, manner: Manner): string | undefined {
    if (isBuiltin(specifier) || this.isPlain(specifier, importer)) return undefined;
    const found = this.resolve(specifier, importer, manner, {});
    if (found !== undefined && !declarationFile.test(found)) return found;
    // What is declared there is somewhere else.
    return this.resolve(specifier, importer, manner, { noDtsResolution: true });
  }

  private resolve(
    specifier: string,
    importer: string,
    manner: Manner,
    more: TypeScript.CompilerOptions,
  ): string | undefined {
    const ts = typescript();
    const { customConditions = [] } = this.project;
    const options = {
      ...this.project,
      ...more,
      module: ts.ModuleKind.ESNext,
      moduleResolution: ts.ModuleResolutionKind.Bundler,
      customConditions: [...customConditions, "node"],
      ...{ allowJs: true, resolveJsonModule: true, allowImportingTsExtensions: true },
    };
    const mode = manner === "import" ? ts.ModuleKind.ESNext : ts.ModuleKind.CommonJS;
    const { resolvedModule } = ts.resolveModuleName(
      specifier,
      importer,
      options,
      ts.sys,
      undefined,
      undefined,
      mode,
    );
    return resolvedModule?.resolvedFileName;
  }

  /**
   * Whether the module is of a package that is installed in `node_modules` and has one entry, in JavaScript, so that Node
   * finds what the compiler would: with it, which takes time to load, there is nothing to be asked.
   */
  private isPlain(specifier: string, importer: string): boolean {
    if (this.known !== undefined || /^([.#]|.*:)/.test(specifier) || specifier.startsWith(sep)) return false;
    const [name] = /^(@[^/]+\/)?[^/]+/.exec(specifier) ?? [];
    const home =
      name === undefined ? undefined : findUp(importer, join("node_modules", name, "package.json"));
    if (home === undefined || findUp(importer, "tsconfig.json") !== undefined) return false;
    if (!realpathSync(home).includes(packages)) return false;
    const { exports = "", main = "", types = "" } = contentOf(home);
    const entries = JSON.stringify([exports, main, types]);
    return !/"(import|types|typings|module-sync)":|(?<!\.d)\.[cm]?tsx?"/.test(entries);
  }
}

/** The nearest file of this name in the folder of `start` or above. */
function findUp(start: string, name: string): string | undefined {
  for (let folder = dirname(start); ; folder = dirname(folder)) {
    const file = join(folder, name);
    if (existsSync(file)) return file;
    if (folder === dirname(folder)) return undefined;
  }
}

function contentOf(packageFile: string): Record<string, unknown> {
  try {
    return JSON.parse(readFileSync(packageFile, "utf8")) as Record<string, unknown>;
  } catch {
    return {};
  }
}

/** Whether the nearest `package.json` says that JavaScript is ES modules. */
export function isInModulePackage(file: string): boolean {
  const home = findUp(file, "package.json");
  return home !== undefined && contentOf(home)["type"] === "module";
}
