/** Looking into a network: how activations, gradients and updates are spread over its depth, and what filters look like. */
import { stack, zerosLike, type Tensor } from "../tensor";
import { grad } from "../transform";
import { flattenTensors, matchTree } from "../transform/trees";
import { wrap } from "../tensor/tensor";
import { checkWhole } from "../util/checks";
import { checkOptions, describe, refuse } from "../util/errors";
import { formatShape, type Shape } from "../util/shapes";
import { leafPaths } from "../util/trees";
import { gallery, line, Report, type Figure } from "../viz";
import { exampleOf, lossFor, type Loss } from "./batch";
import type { Application, ApplyOptions, Module, Variables } from "./module";

export interface InspectOptions {
  /** Whether the network behaves as in training; false unless given. */
  readonly train?: boolean;
  /** A random key, which dropout needs in training. */
  readonly key?: Tensor;
}

/** What a layer gives for a batch. */
export interface ActivationStatistics {
  readonly path: string;
  readonly kind: string;
  readonly shape: Shape;
  readonly mean: number;
  /** The standard deviation over all elements of the batch. */
  readonly std: number;
  /** The part of the elements that are exactly zero, as a relu makes them. */
  readonly zeros: number;
  /** The largest magnitude. */
  readonly peak: number;
}

/** Runs `model` and notes every layer that is not made of others. */
function applications<P, S>(
  model: Module<P, S>,
  variables: Variables<P, S>,
  x: Tensor,
  options: ApplyOptions,
): Application[] {
  const found: Application[] = [];
  const tap = (at: Application): undefined => {
    if (!at.layer.composite) found.push(at);
  };
  const { y } = model.apply(variables, x, { ...options, tap });
  const alone = { path: "", layer: model as Module, params: variables.params, input: x, output: y };
  return found.length > 0 ? found : [alone];
}

/** Mean, standard deviation, part of zeros and largest magnitude: [4]. */
function statisticsOf(t: Tensor): Tensor {
  const zeros = t.equal(0).astype(t.dtype).mean();
  return stack([t.mean(), t.std(), zeros, t.abs().max()]);
}

/** Rows of numbers of many tensors, in one read. */
async function rowsOf(rows: readonly Tensor[]): Promise<number[][]> {
  return (await stack(rows).array()) as number[][];
}

/**
 * Mean, spread, zeros and peak of what each layer gives for a batch of inputs. A spread that falls or rises with depth
 * says that the first weights are too small or too large (Glorot & Bengio 2010).
 */
export async function activations<P, S>(
  model: Module<P, S>,
  variables: Variables<P, S>,
  x: Tensor,
  options: InspectOptions = {},
): Promise<Report<{ readonly layers: readonly ActivationStatistics[] }>> {
  checkOptions("activations", options, ["train", "key"]);
  const seen = applications(model, variables, x, options);
  const rows = await rowsOf(seen.map(({ output }) => statisticsOf(output)));
  const layers = seen.map(({ path, layer, output }, i): ActivationStatistics => {
    const [mean, std, zeros, peak] = rows[i];
    return { path, kind: layer.kind ?? "module", shape: output.shape, mean, std, zeros, peak };
  });
  return new Report({
    title: "Activations by depth",
    numbers: { layers },
    tables: [
      {
        columns: ["layer", "kind", "output", "mean", "std", "zeros", "peak"],
        rows: layers.map((l) => [l.path, l.kind, formatShape(l.shape), l.mean, l.std, l.zeros, l.peak]),
      },
    ],
    figures: [byDepth("Standard deviation of activations", { std: layers.map((l) => l.std) })],
  });
}

/** What reaches a layer on the way back. */
export interface GradientStatistics {
  readonly path: string;
  readonly kind: string;
  /** The norm of the loss's gradient in the layer's output. */
  readonly outputNorm: number;
  /** The norm of its gradient in the layer's parameters; undefined where there are none. */
  readonly parameterNorm: number | undefined;
}

export interface GradientOptions extends InspectOptions {
  /** Of outputs and targets; cross-entropy for class numbers unless given. */
  readonly loss?: Loss;
}

/**
 * Norms of the loss's gradient in each layer's output and parameters for a batch, which is as `fit` takes it: gradients
 * that vanish or explode on the way back show as a slope.
 */
export async function gradients<P, S>(
  model: Module<P, S>,
  variables: Variables<P, S>,
  batch: unknown,
  options: GradientOptions = {},
): Promise<Report<{ readonly layers: readonly GradientStatistics[] }>> {
  checkOptions("gradients", options, ["train", "key", "loss"]);
  const layers = await gradientStatistics(gradientsAt(model, variables, batch, options));
  return new Report({
    title: "Gradients by depth",
    numbers: { layers },
    tables: [
      {
        columns: ["layer", "kind", "in its output", "in its parameters"],
        rows: layers.map((l) => [l.path, l.kind, l.outputNorm, l.parameterNorm ?? ""]),
      },
    ],
    figures: [
      byDepth("Norm of the gradient", {
        output: layers.map((l) => l.outputNorm),
        parameters: layers.map((l) => l.parameterNorm ?? NaN),
      }),
    ],
  });
}

interface GradientsAt {
  readonly seen: readonly Application[];
  /** The gradient in the parameters. */
  readonly params: unknown;
  /** The gradient in the output of each layer, by its path. */
  readonly outputs: Readonly<Record<string, Tensor>>;
}

function gradientsAt<P, S>(
  model: Module<P, S>,
  variables: Variables<P, S>,
  batch: unknown,
  { loss, ...mode }: GradientOptions,
): GradientsAt {
  const { inputs, targets } = exampleOf("gradients", batch);
  const seen = applications(model, variables, inputs, mode);
  if (seen.length === 1 && seen[0].path === "") refuse("gradients", "model must be made of layers");
  // The gradient in an output is that in a zero which is added to it.
  const zeros = Object.fromEntries(seen.map(({ path, output }) => [path, zerosLike(output)]));
  const lossOf = (at: { readonly params: P; readonly outputs: typeof zeros }): Tensor => {
    const tap = ({ path, output }: Application): Tensor | undefined =>
      path in at.outputs ? output.add(at.outputs[path]) : undefined;
    const { y } = model.apply({ params: at.params, state: variables.state }, inputs, { ...mode, tap });
    return lossFor("gradients", targets, loss)(y, targets);
  };
  const found = grad(lossOf)({ params: variables.params, outputs: zeros });
  return { seen, ...found };
}

async function gradientStatistics({ seen, params, outputs }: GradientsAt): Promise<GradientStatistics[]> {
  const squares = squaresByPath(params);
  const own = seen.map(({ path }) => squares.filter((s) => s.path.startsWith(`${path}.`)));
  const values = await rowsOf(
    seen.map(({ path }, i) => {
      const norm = outputs[path].norm();
      const square = own[i].reduce((sum, s) => sum.add(s.square), zerosLike(norm));
      return stack([norm, square.sqrt()]);
    }),
  );
  return seen.map(({ path, layer }, i) => {
    const [outputNorm, norm] = values[i];
    return {
      path,
      kind: layer.kind ?? "module",
      outputNorm,
      parameterNorm: own[i].length > 0 ? norm : undefined,
    };
  });
}

function squaresByPath(tree: unknown): { path: string; square: Tensor }[] {
  const { leaves, structure } = flattenTensors(tree);
  return leafPaths(structure).map((path, i) => ({ path, square: leaves[i].square().sum() }));
}

/** How far a step moves a parameter tensor. */
export interface UpdateRatio {
  readonly path: string;
  readonly parameterNorm: number;
  readonly updateNorm: number;
  /** ‖update‖ / ‖parameter‖; about 1e-3 in trainings that go well. */
  readonly ratio: number;
}

/** ‖update‖ / ‖parameter‖ of every tensor of `params`; `updates` are an optimiser's. */
export async function updateRatios<P>(
  params: P,
  updates: P,
): Promise<Report<{ readonly parameters: readonly UpdateRatio[] }>> {
  const flat = flattenTensors(params);
  if (flat.leaves.length === 0) refuse("updateRatios", `params must hold tensors, got ${describe(params)}`);
  const moved = matchTree("updateRatios", "updates", updates, flat).map(wrap);
  const rows = await rowsOf(flat.leaves.map((p, i) => stack([p.norm(), moved[i].norm()])));
  const parameters = leafPaths(flat.structure).map((path, i): UpdateRatio => {
    const [parameterNorm, updateNorm] = rows[i];
    return { path, parameterNorm, updateNorm, ratio: updateNorm / parameterNorm };
  });
  return new Report({
    title: "Updates relative to parameters",
    numbers: { parameters },
    tables: [
      {
        columns: ["parameter", "‖parameter‖", "‖update‖", "ratio"],
        rows: parameters.map((p) => [p.path, p.parameterNorm, p.updateNorm, p.ratio]),
      },
    ],
    figures: [byDepth("‖update‖ / ‖parameter‖", { ratio: parameters.map((p) => p.ratio) })],
  });
}

/** Curves over layers in order, on a logarithmic axis. */
function byDepth(title: string, curves: Readonly<Record<string, number[]>>): Figure {
  return line(curves, {
    title,
    xLabel: "layer",
    yLabel: title,
    logY: true,
    markers: true,
  });
}

export interface FiltersOptions {
  /** Show at most so many; 64 unless given. */
  readonly limit?: number;
  readonly title?: string;
}

/**
 * The kernels of a convolution as pictures: w [out, 3, h, w] in colour, each from its least to its greatest value; with
 * other numbers of channels every channel is a grey picture.
 */
export async function filters(w: Tensor, options: FiltersOptions = {}): Promise<Figure> {
  checkOptions("filters", options, ["limit", "title"]);
  const { limit = 64, title = "Filters" } = options;
  if (w.ndim !== 4) refuse("filters", `w must be [out, in, height, width], got ${formatShape(w.shape)}`);
  checkWhole("filters", "limit", limit, 1);
  const [out, channels, height, width] = w.shape;
  if (channels !== 3) {
    const grey = (await w.reshape([out * channels, height, width]).array()) as number[][][];
    return gallery(grey.slice(0, limit), { title });
  }
  const [least, greatest] = [w.min([1, 2, 3], { keepdims: true }), w.max([1, 2, 3], { keepdims: true })];
  const colours = w.sub(least).div(greatest.sub(least).maximum(1e-12));
  return gallery(((await colours.array()) as number[][][][]).slice(0, limit), { title });
}
