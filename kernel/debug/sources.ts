import { tmpdir } from "node:os";
import { join } from "node:path";
import type { CompiledCell } from "../messages";
import { CellMap } from "../session/cellmap";
import { murmur2 } from "./murmur";

const hashSeed = 0xc70f6907;
const prefix = `${join(tmpdir(), `saddle_${process.pid}`)}/`;
const suffix = ".ts";

/** How a front end finds the path of a cell: by the hash of its code. */
export const sourcePaths = {
  hashMethod: "Murmur2",
  hashSeed,
  tmpFilePrefix: prefix,
  tmpFileSuffix: suffix,
} as const;

/** A cell as it has been compiled for one execution. */
export interface Script {
  /** What V8 calls it. */
  readonly name: string;
  readonly path: string;
  readonly map: CellMap;
}

/** The cells that a debugger may speak of, by the paths that stand for their code. */
export class Sources {
  private readonly texts = new Map<string, string>();
  private readonly names = new Map<string, string>();
  private readonly scripts = new Map<string, Script>();

  /** Notes the code of a cell, and returns its path. */
  dump(code: string): string {
    const path = `${prefix}${murmur2(code, hashSeed)}${suffix}`;
    this.texts.set(path, code);
    return path;
  }

  add({ name, maps }: CompiledCell, code: string): Script {
    const script = { name, path: this.dump(code), map: new CellMap(maps) };
    this.scripts.set(name, script);
    return script;
  }

  text(path: string): string | undefined {
    return this.texts.get(path);
  }

  /** Notes under which id V8 knows a script. */
  identify(id: string, name: string): void {
    this.names.set(id, name);
  }

  /** The script that V8 knows by this id, if it is a cell. */
  script(id: string): Script | undefined {
    return this.scripts.get(this.names.get(id) ?? "");
  }

  /** The executions of the code that a path stands for. */
  at(path: string): Script[] {
    return [...this.scripts.values()].filter((script) => script.path === path);
  }

  /** The session in which they ran is gone. */
  forgetScripts(): void {
    this.names.clear();
    this.scripts.clear();
  }
}
