import { optionsObject, typescript } from "./magic";
import type { Option, StandardMagic } from "./magic";

const options: readonly Option[] = [
  { name: "runs", type: "expression", help: "how many runs the statistics are over (7)" },
  {
    name: "loops",
    type: "expression",
    help: "how many times a run evaluates the expression (as many as it takes)",
  },
];

export const timeit: StandardMagic = {
  name: "timeit",
  summary: "Evaluates an expression many times and gives the statistics of its time.",
  usage: "%timeit expression [--runs N] [--loops N]",
  arguments: "expression",
  options,
  example: "%timeit Math.hypot(3, 4) --runs 5",
  kinds: ["line"],
  expand(given) {
    const [work] = given.expressions;
    const start = /\bawait\b/.test(work.text) ? "async () => " : "() => ";
    return typescript`await __saddle.timeit(${start}(${work}), ${optionsObject(given, {}, options)})`;
  },
};
