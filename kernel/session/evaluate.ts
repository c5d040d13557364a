import { Script } from "node:vm";
import type { MimeBundle } from "../../lib/util/frontend";
import type { CompiledCell, Failure, Outcome } from "../messages";
import { bundleOf } from "../../lib/util/bundle";
import { Modules } from "./modules";
import { Namespace, cellPrologue } from "./namespace";
import type { Assigners } from "./namespace";
import { ReportedFailure, Tracebacks } from "./traceback";
import { Interrupted } from "./turns";
import type { Turns } from "./turns";

type CellFunction = (
  exports: object,
  require: NodeJS.Require,
  link: (assigners: Assigners) => void,
) => Promise<void>;

export interface EvaluatorParts {
  readonly turns: Turns;
  /** Resolves when what the cell has shown is on its way. */
  readonly shown: () => Promise<void>;
  /** Whether an interrupt is on its way: what fails then has failed for it. */
  readonly isInterrupted: () => boolean;
}

/** Runs compiled cells one after the other in one namespace. */
export class Evaluator {
  readonly namespace = new Namespace();
  readonly modules = new Modules(process.cwd());
  private readonly parts: EvaluatorParts;
  private readonly tracebacks = new Tracebacks();

  constructor(parts: EvaluatorParts) {
    this.parts = parts;
  }

  async run(cell: CompiledCell): Promise<Outcome> {
    this.tracebacks.add(cell);
    try {
      return await this.parts.turns.run(cell.name, () => this.outcomeOf(cell));
    } catch (error) {
      return { failure: this.failureOf(error) };
    }
  }

  /** What an error has to say for itself is its own code, which may have to be interrupted too. */
  private async outcomeOf(cell: CompiledCell): Promise<Outcome> {
    try {
      return { result: await this.evaluate(cell) };
    } catch (error) {
      return { failure: this.failureOf(error) };
    }
  }

  private failureOf(error: unknown): Failure {
    if (error instanceof ReportedFailure) return error.failure;
    return this.tracebacks.failureOf(this.parts.isInterrupted() ? new Interrupted() : error);
  }

  private async evaluate(cell: CompiledCell): Promise<MimeBundle | undefined> {
    const { turns } = this.parts;
    const turn = turns.current;
    // Only what runs as a promise's continuation can be terminated without harm to the process.
    await Promise.resolve();
    await this.modules.prepare(cell);
    turns.resume(turn, undefined);
    const { exports, link } = this.namespace;
    await compile(cell)(exports, this.modules.require, link);
    turns.resume(turn, undefined);
    const value = cell.resultName === undefined ? undefined : this.namespace.take(cell.resultName);
    const bundle = value === undefined ? undefined : await bundleOf(value);
    await this.parts.shown();
    return bundle;
  }
}

function compile(cell: CompiledCell): CellFunction {
  const prologue = cellPrologue(cell);
  const script = new Script(`${prologue}${cell.code}\n})`, {
    filename: cell.file ?? cell.name,
    columnOffset: -prologue.length,
  });
  return script.runInThisContext() as CellFunction;
}
