import { tmpdir } from "node:os";
import { join } from "node:path";
import { CellMap } from "../contract/cellMap";
import type { LivingCell } from "../session/cell/output/traceback";
import { murmur2 } from "./cellHash";

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

/** How many of the texts that a front end has noted are kept, the latest of them. */
const mostTexts = 1000;
/** How many of the scripts that came last may be on their way to the session. */
const recentScripts = 10;

/** A cell as it has been compiled for one execution. */
export interface Script {
  /** What V8 calls it. */
  readonly name: string;
  readonly path: string;
  readonly source: string;
  readonly map: CellMap;
}

/** The cells that a debugger may speak of, by the paths that stand for their code. */
export class Sources {
  private readonly texts = new Map<string, string>();
  private readonly names = new Map<string, string>();
  private readonly scripts = new Map<string, Script>();

  /** Notes the code of a cell, and returns its path. */
  dump(code: string): string {
    const path = pathOf(code);
    this.texts.delete(path);
    this.texts.set(path, code);
    for (const oldest of [...this.texts.keys()].slice(0, -mostTexts)) this.texts.delete(oldest);
    return path;
  }

  add({ name, source, maps }: LivingCell): Script {
    const script = { name, source, path: pathOf(source), map: new CellMap(maps) };
    this.scripts.set(name, script);
    return script;
  }

  all(): Script[] {
    return [...this.scripts.values()];
  }

  /** How many scripts are known. */
  get size(): number {
    return this.scripts.size;
  }

  /** Forgets the scripts of all cells but these, and returns those that were not known. */
  keep(cells: readonly LivingCell[]): Script[] {
    const alive = new Set(cells.map(({ name }) => name));
    const old = [...this.scripts.keys()].slice(0, -recentScripts);
    for (const name of old) if (!alive.has(name)) this.scripts.delete(name);
    const added = cells.filter(({ name }) => !this.scripts.has(name)).map((cell) => this.add(cell));
    for (const [id, name] of this.names) if (!this.scripts.has(name)) this.names.delete(id);
    return added;
  }

  text(path: string): string | undefined {
    return this.texts.get(path) ?? this.at(path)[0]?.source;
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

function pathOf(code: string): string {
  return `${prefix}${murmur2(code, hashSeed)}${suffix}`;
}
