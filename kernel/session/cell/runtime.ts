import type { RanksOptions, Runtime } from "../../contract/globals";
import type { Everyday } from "./api/everyday";
import type { UserMagics } from "./api/userMagics";
import type { Evaluator } from "./evaluate/evaluator";
import type { LivingCell } from "./output/traceback";
import type { Turns, Wait } from "./interrupt/turns";

/** What cells know as `__saddle`: what magics expand to, what compiled code calls, and what the debugger looks at. */
export interface CellRuntime extends Runtime {
  /** The `await` that begins now, to be given to `resume` after it. */
  readonly turn: Wait;
  resume<T>(wait: Wait, value: T): T;
  each<T>(values: AsyncIterable<T> | Iterable<T>): AsyncGenerator<T>;
  /** The notebook's variables, as the debugger shows them. */
  readonly values: Readonly<Record<string, unknown>>;
  /** The cells of which there is any code left that may run. */
  readonly cells: readonly LivingCell[];
}

export interface RuntimeParts {
  readonly everyday: Everyday;
  readonly evaluator: Evaluator;
  readonly magics: UserMagics;
  readonly turns: Turns;
  readonly onRanks: (options: RanksOptions) => Promise<object | undefined>;
}

export function createRuntime({ everyday, evaluator, magics, turns, onRanks }: RuntimeParts): CellRuntime {
  return {
    timeCell: () => everyday.timeCell(),
    profileCell: (profiling) => everyday.profileCell(profiling),
    time: (work) => everyday.time(work),
    timeit: (work, options) => everyday.timeit(work, options),
    variables: () => everyday.variables(),
    reset: () => everyday.reset(),
    markdown: (text) => everyday.markdown(text),
    magic: (name) => magics.run(name) as ReturnType<Runtime["magic"]>,
    onRanks,
    get turn() {
      return turns.wait();
    },
    resume: (wait, value) => turns.resumeAfter(wait, value),
    each: (values) => turns.eachAwaited(values),
    get values() {
      return evaluator.namespace.exports;
    },
    get cells() {
      return evaluator.cells();
    },
  };
}
