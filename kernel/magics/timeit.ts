import { optionsObject, typescript } from "./magic";
import type { Option, StandardMagic } from "./magic";

const options: readonly Option[] = [
  { name: "runs", type: "expression", help: "how many runs the statistics are over (7)" },
  {
    name: "loops",
    type: "expression",
    help: "how many times a run evaluates the expression, or the cell (as many as it takes)",
  },
];

export const timeit: StandardMagic = {
  name: "timeit",
  summary: "Evaluates an expression, or a whole cell, many times and gives the statistics of its time.",
  usage: "%timeit expression [--runs N] [--loops N], or %%timeit on the first line of a cell",
  arguments: "expression",
  options,
  example: "%timeit Math.hypot(3, 4) --runs 5",
  kinds: ["line", "cell"],
  expand(given) {
    const [work] = given.expressions;
    // What the cell declares is declared anew each time, and so is not the notebook's.
    if (work === undefined) return ["await __saddle.timeit(async () => {"];
    const start = /\bawait\b/.test(work.text) ? "async () => " : "() => ";
    return typescript`await __saddle.timeit(${start}(${work}), ${optionsObject(given, {}, options)})`;
  },
  close: (given) => typescript`}, ${optionsObject(given, {}, options)});`,
};
