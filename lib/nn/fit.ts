import { lossScaling, type Optimizer } from "../optim";
import { random, zeros, withDevice, blockUntilReady, type Tensor } from "../tensor";
import { checkWhole } from "../util/checks";
import { checkOptions, describe, refuse } from "../util/errors";
import { exampleOf, type Example } from "./batch";
import { readCheckpoint, type Progress } from "./checkpoint";
import { noSums } from "./history";
import { isModule, type Module, type Variables } from "./module";
import type { Batches, FitOptions } from "./options";
import { checkFloat16, mixedPrecision } from "./precision";
import { evaluation, trainingStep, type TrainingState } from "./steps";
import { Training, type Prepared } from "./training";

const optionNames = [
  "epochs",
  "loss",
  "metrics",
  "validation",
  "patience",
  "precision",
  "key",
  "variables",
  "checkpoint",
  "callbacks",
  "progress",
];

/**
 * Trains a model by batches of [inputs, targets], or with names such as `images` and `labels`, showing its progress and
 * growing curves. Await it: `const { params, state, history } = await nn.fit(model, optim.adam(), loader, { epochs: 5 })`.
 * What it returns at once tells how far it is and holds the best so far, also after an interrupt. A loss or gradient that
 * is not finite ends it with a DivergenceError that names the step and the layer.
 */
export function fit<P, S, B>(
  model: Module<P, S>,
  optimizer: Optimizer,
  loader: Batches<B>,
  options: FitOptions<P, S>,
): Training<P, S> {
  checkArguments(model, optimizer, loader, options);
  return new Training(prepare(model, optimizer, loader, options));
}

function checkArguments(
  model: unknown,
  optimizer: unknown,
  loader: unknown,
  options: Pick<FitOptions, "epochs" | "patience" | "validation" | "precision">,
): void {
  if (!isModule(model)) refuse("fit", `model must be a module, with init and apply, got ${describe(model)}`);
  if (typeof (optimizer as Partial<Optimizer> | undefined)?.update !== "function") {
    refuse("fit", `optimizer must be one of optim, such as optim.adam(), got ${describe(optimizer)}`);
  }
  const { length, [Symbol.asyncIterator]: iterate } = (loader ?? {}) as Partial<Batches<unknown>>;
  if (typeof iterate !== "function" || typeof length !== "number") {
    refuse("fit", `loader must give batches and say how many (see data.loader), got ${describe(loader)}`);
  }
  checkOptions("fit", options ?? {}, optionNames);
  const { epochs, patience, validation, precision = "float32" } = options;
  if (!["float32", "float16"].includes(precision)) {
    refuse("fit", `precision must be "float32" or "float16", got ${describe(precision)}`);
  }
  checkWhole("fit", "epochs", epochs, 1);
  if (patience === undefined) return;
  checkWhole("fit", "patience", patience, 1);
  if (validation === undefined) refuse("fit", "patience needs validation batches");
}

/** The plan of a training, ready to run, and where it begins. */
async function prepare<P, S>(
  given: Module<P, S>,
  optimizer: Optimizer,
  loader: Batches<unknown>,
  options: FitOptions<P, S>,
): Promise<Prepared<P, S>> {
  const isHalf = options.precision === "float16";
  const model = isHalf ? mixedPrecision(given) : given;
  const key = options.key ?? random.key(0);
  if (isHalf) await checkFloat16("fit", key.device);
  const [forInit, forSteps] = random.split(key);
  const variables = options.variables ?? model.init(forInit, (await firstExample(loader)).inputs.shape);
  const steps = isHalf ? lossScaling(optimizer) : optimizer;
  const state = begin(variables, steps, key);
  await blockUntilReady(state);
  const goal = { loss: options.loss, metrics: options.metrics, scaled: isHalf };
  const fresh: Progress<P, S> = {
    state,
    best: { variables, loss: Infinity, epoch: 0 },
    history: { losses: [], gradNorms: [], epochs: [] },
    sums: noSums,
    position: loader.position,
  };
  const stored = options.checkpoint ? await readCheckpoint(options.checkpoint, fresh) : undefined;
  if (stored?.position !== undefined) resume(loader, stored.position, options.checkpoint!);
  return {
    plan: {
      model,
      goal,
      loader,
      options,
      key: forSteps,
      step: trainingStep(model, steps, goal, forSteps),
      evaluate: evaluation(model, goal),
    },
    progress: stored ?? fresh,
  };
}

/** The loader knows what a position is, but not which file it is from. */
function resume(loader: Batches<unknown>, position: unknown, checkpoint: string): void {
  try {
    loader.seek?.(position as never);
  } catch (error) {
    refuse("fit", `${checkpoint} has a position to which the loader cannot go (${(error as Error).message})`);
  }
}

function begin<P, S>(variables: Variables<P, S>, optimizer: Optimizer, key: Tensor): TrainingState<P, S> {
  return {
    variables,
    optimizer: optimizer.init(variables.params),
    step: withDevice(key.device, () => zeros([], { dtype: "int32" })),
  };
}

/** The first batch, without moving the loader on. */
async function firstExample(loader: Batches<unknown>): Promise<Example> {
  const { position } = loader;
  for await (const batch of loader) {
    const example = exampleOf("fit", batch);
    if (position !== undefined) loader.seek?.(position as never);
    return example;
  }
  return refuse("fit", "loader gives no batch");
}
