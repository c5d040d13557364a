import { Module } from "node:module";
import { join } from "node:path";
import type { CompiledCell } from "../../../contract/messages";
import { ForeignModules } from "./foreign";
import { LocalModules, metaOf } from "./localModules";
import type { LocalModulesParts } from "./localModules";
import { Resolution } from "./resolution";

/** How the cells of a notebook find modules: from its folder, as one module there would. */
export class Modules {
  /** The module that the cells are, in the notebook's folder. */
  readonly module: NodeJS.Module;
  readonly require: NodeJS.Require;
  readonly meta: ImportMeta;
  private readonly resolution: Resolution;
  private readonly foreign = new ForeignModules();
  private readonly local: LocalModules;

  constructor(folder: string, notices: Pick<LocalModulesParts, "onLoad" | "onSyntaxError">) {
    const filename = join(folder, "cell.js");
    this.module = Object.assign(new Module(filename), { filename });
    this.resolution = new Resolution(folder);
    this.local = new LocalModules({
      ...{ resolution: this.resolution, main: this.module, foreign: this.foreign },
      ...notices,
    });
    this.require = this.requireAnew();
    this.meta = metaOf(filename, this.require);
  }

  /** Loads what a cell imports, anew if it has changed, and returns what gives it to the cell. */
  async prepare({ imports }: Pick<CompiledCell, "imports">): Promise<(specifier: string) => unknown> {
    this.refresh();
    const found = imports.map((specifier) => this.local.importing(specifier, this.module.filename, "import"));
    for (const importing of found) await this.local.prepare(importing);
    return this.local.imported(found);
  }

  /** `import()` of a cell. */
  readonly load = async (specifier: string): Promise<unknown> => {
    this.refresh();
    return this.local.importFrom(specifier, this.module.filename);
  };

  /** Forgets what an interrupt has left half loaded. */
  forgetUnfinished(): void {
    this.local.forgetUnfinished();
  }

  private refresh(): void {
    this.resolution.refresh();
    this.local.forgetChanged();
  }

  private requireAnew(): NodeJS.Require {
    const require = this.local.requireFrom(this.module.filename);
    const anew = (specifier: string): unknown => {
      this.refresh();
      return require(specifier);
    };
    return Object.assign(anew, require);
  }
}
