import { Script } from "node:vm";
import type { CompiledCell, Outcome } from "../messages";
import { breakable } from "./breakable";
import { bundleOf } from "./bundle";
import { Modules } from "./modules";
import { Namespace, cellPrologue } from "./namespace";
import { Tracebacks } from "./traceback";
import { Interrupted, Turns } from "./turns";

type CellFunction = (exports: object, require: NodeJS.Require, link: Namespace["link"]) => Promise<void>;

/** Runs compiled cells one after the other in one namespace. */
export class Evaluator {
  readonly namespace = new Namespace();
  readonly modules = new Modules(process.cwd());
  private readonly turns: Turns;
  private readonly tracebacks = new Tracebacks();
  private readonly settled: () => Promise<void>;

  /** `settled` resolves when what the cell has shown is on its way. */
  constructor(turns: Turns, settled: () => Promise<void>) {
    this.turns = turns;
    this.settled = settled;
  }

  async run(cell: CompiledCell): Promise<Outcome> {
    this.tracebacks.add(cell);
    try {
      return { result: await this.turns.race(this.evaluate(cell)) };
    } catch (error) {
      // The loop that was broken out of is one of several things that may go on.
      if (error instanceof Interrupted) this.turns.interrupt();
      return { failure: this.tracebacks.failureOf(error) };
    }
  }

  private async evaluate(cell: CompiledCell): Promise<Record<string, unknown> | undefined> {
    await breakable(() => this.modules.prepare(cell));
    const { exports, link } = this.namespace;
    const body = compile(cell);
    await breakable(() => body(exports, this.modules.require, link.bind(this.namespace)));
    const value = cell.resultName === undefined ? undefined : this.namespace.take(cell.resultName);
    const bundle = value === undefined ? undefined : await breakable(() => bundleOf(value));
    await this.settled();
    return bundle;
  }
}

function compile(cell: CompiledCell): CellFunction {
  const prologue = cellPrologue(cell);
  const script = new Script(`${prologue}${cell.code}\n})`, {
    filename: cell.name,
    columnOffset: -prologue.length,
  });
  return script.runInThisContext() as CellFunction;
}
