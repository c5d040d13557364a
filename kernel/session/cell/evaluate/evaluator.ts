import { dirname } from "node:path";
import { compileFunction } from "node:vm";
import type { MimeBundle } from "../../../../lib/util/frontend";
import type { CompiledCell, Failure, Outcome } from "../../../contract/messages";
import { bundleOf } from "../../../../lib/util/bundle";
import { scopeName } from "../../../language/thread/emit/interruptibleAwaits";
import { Modules } from "../modules/modules";
import { Namespace } from "./namespace";
import { ReportedFailure, Tracebacks, placeOf } from "../output/traceback";
import type { LivingCell } from "../output/traceback";
import { Interrupted } from "../interrupt/turns";
import type { Turns } from "../interrupt/turns";

/** What the code of a cell calls; its last expression becomes `value`. */
interface CellScope extends Pick<Namespace, "define">, Pick<Modules, "meta" | "load"> {
  readonly imported: (specifier: string) => unknown;
  value?: unknown;
}

const parameters = ["exports", "require", "module", "__filename", "__dirname", scopeName];
const prologue = `return (async function (${parameters.join(", ")}) { `;

type CellFunction = (
  exports: object,
  require: NodeJS.Require,
  module: NodeJS.Module,
  filename: string,
  dirname: string,
  scope: CellScope,
) => Promise<void>;

type Importer = (specifier: string) => Promise<unknown>;

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
  private readonly tracebacks = new Tracebacks(process.cwd());
  private readonly modules = new Modules(process.cwd(), {
    onLoad: (notice) => this.tracebacks.addModule(notice),
    onSyntaxError: (file, source, error) => this.tracebacks.place(error, file, source, error),
  });
  private readonly parts: EvaluatorParts;

  constructor(parts: EvaluatorParts) {
    this.parts = parts;
    this.modules.module.exports = this.namespace.exports;
  }

  async run(cell: CompiledCell, origin: string): Promise<Outcome> {
    const importer = (specifier: string) => this.modules.load(specifier);
    this.tracebacks.add(cell, importer);
    try {
      return await this.parts.turns.run({ origin, ranks: cell.ranks }, () => this.outcomeOf(cell, importer));
    } catch (error) {
      this.modules.forgetUnfinished();
      return { failure: this.failureOf(error) };
    }
  }

  /** The cells of which there is any code left that may run. */
  cells(): readonly LivingCell[] {
    return this.tracebacks.living();
  }

  /** What an error has to say for itself is its own code, which may have to be interrupted too. */
  private async outcomeOf(cell: CompiledCell, importer: Importer): Promise<Outcome> {
    try {
      return { result: await this.evaluate(cell, importer) };
    } catch (error) {
      return { failure: this.failureOf(error) };
    }
  }

  private failureOf(error: unknown): Failure {
    if (error instanceof ReportedFailure) return error.failure;
    const isForInterrupt = this.parts.isInterrupted() && !(error instanceof Interrupted);
    return this.tracebacks.failureOf(isForInterrupt ? new Interrupted(placeOf(error)) : error);
  }

  private async evaluate(cell: CompiledCell, importer: Importer): Promise<MimeBundle | undefined> {
    const { turns } = this.parts;
    const turn = turns.current;
    // Only what runs as a promise's continuation can be terminated without harm to the process.
    await Promise.resolve();
    const imported = await this.modules.prepare(cell);
    turns.resume(turn, undefined);
    const { exports, define } = this.namespace;
    this.namespace.declare(cell.variables);
    const { module, require, meta, load } = this.modules;
    const scope: CellScope = { define, meta, load, imported };
    await compile(cell, importer)(exports, require, module, module.filename, dirname(module.filename), scope);
    turns.resume(turn, undefined);
    const bundle = scope.value === undefined ? undefined : await bundleOf(scope.value);
    await this.parts.shown();
    return bundle;
  }
}

/**
 * Not as a `Script`, which V8 would keep for a while, though a cell has a name that no other has. As its code may
 * evaluate text that imports, `importer` lives as long as any of the code does, and no longer.
 */
function compile(cell: CompiledCell, importer: Importer): CellFunction {
  const create = compileFunction(`${prologue}${cell.code}\n})`, [], {
    filename: cell.file ?? cell.name,
    columnOffset: -prologue.length,
    importModuleDynamically: importer as never,
  }) as () => CellFunction;
  return create();
}
