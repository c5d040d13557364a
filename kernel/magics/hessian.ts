import { library, optionsObject, typescript } from "./magic";
import type { Option, StandardMagic } from "./magic";

const options: readonly Option[] = [
  { name: "top", type: "expression", help: "how many of the largest eigenvalues to report" },
  { name: "matrix-free", type: "flag", help: "from Hessian-vector products alone, for many parameters" },
  { name: "data", type: "expression", help: "batches to average over; f is then `(x, batch) => mean loss`" },
  { name: "samples", type: "expression", help: "how many samples the stochastic estimates take" },
  { name: "seed", type: "expression", help: "the seed of what is random" },
];

export const hessian: StandardMagic = {
  name: "hessian",
  summary: "Inspects the Hessian of `f` at `x`: verdict, spectrum, condition number.",
  usage: "%hessian f @ x [--top K] [--matrix-free] [--data loader] [--samples N] [--seed S]",
  arguments: "function at point",
  options,
  example: `import { type Tensor, tensor } from "saddle";
const saddle = (x: Tensor) => x.square().mul([5, -1]).sum().div(2);
%hessian saddle @ tensor([0, 0])`,
  kinds: ["line"],
  expand(given) {
    const [f, x] = given.expressions;
    const named = optionsObject(given, { top: "topK" }, options);
    return typescript`await ${library}.report.hessian(${f}, ${x}, ${named})`;
  },
};
