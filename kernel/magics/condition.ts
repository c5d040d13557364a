import { library, optionsObject, typescript } from "./magic";
import type { Option, StandardMagic } from "./magic";

const options: readonly Option[] = [
  { name: "methods", type: "words", help: "methods of `optim.minimize` to draw, such as gd,momentum,newton" },
  { name: "sweep", type: "word", help: "condition numbers over which steps are counted, such as 1:1e4" },
  { name: "along", type: "expression", help: "a recorded run, along which curvature is measured" },
  { name: "steps", type: "expression", help: "steps of each method at most" },
  { name: "data", type: "expression", help: "batches to average over; f is then `(x, batch) => mean loss`" },
];

export const condition: StandardMagic = {
  name: "condition",
  summary:
    "Draws what the condition number does to methods of minimisation, or to errors in solving with a matrix.",
  usage: "%condition f @ x [--methods gd,momentum,newton] [--sweep 1:1e4] [--along path] | %condition A",
  arguments: "function at point or matrix",
  options,
  example: `import { type Tensor, tensor } from "saddle";
const canyon = (x: Tensor) => x.square().mul([1, 20]).sum().div(2);
%condition canyon @ tensor([-2, 0.6]) --methods gd,momentum,newton --sweep 1:1e4`,
  kinds: ["line"],
  expand(given) {
    const [f, x] = given.expressions;
    if (x === undefined && given.options.size > 0)
      throw new Error("the options of %condition are for f @ x, not for a matrix");
    if (x === undefined) return typescript`await ${library}.report.condition(${f})`;
    return typescript`await ${library}.report.condition(${f}, ${x}, ${optionsObject(given, {}, options)})`;
  },
};
