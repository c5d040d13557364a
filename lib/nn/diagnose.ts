/** Where numbers stopped being finite. */
import { isFinite } from "../optim/scaling";
import type { Tensor } from "../tensor";
import { grad } from "../transform";
import { flattenTensors } from "../transform/trees";
import { SaddleError } from "../util/errors";
import { leafPaths } from "../util/trees";
import type { Example } from "./batch";
import type { Application, Module } from "./module";
import { lossInTraining, type Goal, type TrainingState } from "./steps";
import { random } from "../tensor";

/** A loss or gradient that is NaN or infinite. */
export class DivergenceError extends SaddleError {
  override name = "DivergenceError";

  constructor(
    message: string,
    /** Counted from 1. */
    readonly step: number,
    /** The first layer in which a number was not finite, or undefined where it was not in a layer. */
    readonly layer: string | undefined,
  ) {
    super(message);
  }
}

interface Cause {
  readonly what: string;
  readonly layer?: string;
}

/** The error for a step from `state` on `example` that gave a loss or gradient that is not finite. */
export async function divergence<P, S>(
  model: Module<P, S>,
  { variables, step: count }: TrainingState<P, S>,
  example: Example,
  goal: Goal,
  key: Tensor,
  where: string,
): Promise<DivergenceError> {
  const [done, stepKey] = [await count.item(), random.foldIn(key, count)];
  const cause =
    (await causeInInputs(example)) ??
    (await causeForward(model, variables, example, stepKey)) ??
    (await causeBackward(lossInTraining(model, variables.state, example, goal, stepKey), variables.params));
  const advice = "a smaller learning rate, or optim.clipByGlobalNorm, may help";
  return new DivergenceError(
    `fit: not finite at step ${done + 1} (${where}): ${cause.what}; ${advice}`,
    done + 1,
    cause.layer,
  );
}

async function finite(tree: unknown): Promise<boolean> {
  return (await isFinite(tree).item()) !== 0;
}

async function causeInInputs({ inputs }: Example): Promise<Cause | undefined> {
  return (await finite(inputs)) ? undefined : { what: "the inputs of the batch" };
}

/** The first layer with parameters or an output that are not finite. */
async function causeForward<P, S>(
  model: Module<P, S>,
  variables: TrainingState<P, S>["variables"],
  { inputs }: Example,
  key: Tensor,
): Promise<Cause | undefined> {
  const seen: Application[] = [];
  const tap = (at: Application): undefined => {
    if (!at.layer.composite) seen.push(at);
  };
  const { y } = model.apply(variables, inputs, { train: true, key, tap });
  for (const { path, layer, params, output } of seen) {
    const name = `layer ${path} (${layer.kind ?? "module"})`;
    if (flattenTensors(params).leaves.length > 0 && !(await finite(params))) {
      return { what: `the parameters of ${name}, since the step before`, layer: path };
    }
    if (!(await finite(output))) return { what: `the output of ${name} is the first`, layer: path };
  }
  return (await finite(y)) ? undefined : { what: "the model's output" };
}

/** The last layer with a gradient that is not finite: gradients go backwards. */
async function causeBackward<P>(loss: (params: P) => readonly [Tensor, unknown], params: P): Promise<Cause> {
  if (!(await finite(loss(params)[0])))
    return { what: "the loss, of finite outputs, such as by labels that are no class" };
  const [grads] = grad(loss, { hasAux: true })(params as never);
  const { leaves, structure } = flattenTensors(grads);
  const paths = leafPaths(structure);
  for (let i = leaves.length - 1; i >= 0; i--) {
    if (await finite(leaves[i])) continue;
    return {
      what: `the gradient of ${paths[i]} is the first on the way back`,
      layer: paths[i].replace(/\.?[^.]*$/, ""),
    };
  }
  return { what: "the norm of the gradient, which overflows" };
}
