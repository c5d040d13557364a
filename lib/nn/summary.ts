import { random, Tensor } from "../tensor";
import { traced } from "../tensor/tensor";
import { flattenTensors, placeholder } from "../transform/trees";
import { refuse } from "../util/errors";
import { formatShape, type Shape } from "../util/shapes";
import { Report } from "../viz";
import { isModule, withBatchAxis, type Application, type Module } from "./module";

export interface LayerSummary {
  /** The layer's place, which is also that of its parameters. */
  readonly path: string;
  readonly kind: string;
  readonly outputShape: Shape;
  /** How many numbers are trained. */
  readonly parameters: number;
  /** Floating-point operations for one input of the shape; a multiplication and an addition are two. */
  readonly flops: number;
  /** Bytes of the output and of the parameters, in float32. */
  readonly bytes: number;
}

export interface Summary {
  readonly layers: readonly LayerSummary[];
  readonly parameters: number;
  readonly flops: number;
  /** Bytes of all outputs, which a gradient keeps, and of all parameters, in float32. */
  readonly bytes: number;
}

const bytesPerNumber = 4;

/** Every layer of a model for inputs of a shape: output, parameters, operations and memory. Nothing is computed. */
export function summary(model: Module, inputShape: Shape): Report<Summary> {
  if (!isModule(model)) refuse("summary", "model must be a module, with init and apply");
  const layers = applications(model, inputShape).map(summarize);
  const total = (key: "parameters" | "flops" | "bytes"): number =>
    layers.reduce((sum, layer) => sum + layer[key], 0);
  const totals = { parameters: total("parameters"), flops: total("flops"), bytes: total("bytes") };
  const columns = ["layer", "kind", "output", "parameters", "FLOPs", "memory"];
  const rows = layers.map((l) => [
    l.path,
    l.kind,
    formatShape(l.outputShape),
    l.parameters,
    si(l.flops).trimEnd(),
    `${si(l.bytes)}B`,
  ]);
  const sums = ["total", "", "", totals.parameters, si(totals.flops).trimEnd(), `${si(totals.bytes)}B`];
  return new Report({
    title: `${model.kind ?? "module"} for inputs of ${formatShape(inputShape)}`,
    numbers: { layers, ...totals },
    tables: [{ columns, rows: [...rows, sums].map((row) => row.map(String)) }],
    notes: [
      "FLOPs: forward only, a multiplication and an addition are two. Memory: outputs and parameters in float32.",
    ],
  });
}

/** All applications of layers that are not made of others, in order; a model that is a single layer is one. */
function applications(model: Module, inputShape: Shape): Application[] {
  const key = random.key(0);
  const shape = withBatchAxis("summary", model, inputShape);
  const { device } = key;
  return traced(() => {
    const variables = model.init(key, shape);
    const input = new Tensor(placeholder({ shape, dtype: device.floatType, device }));
    const found: Application[] = [];
    const tap = (at: Application): undefined => {
      if (!at.layer.composite) found.push(at);
    };
    const { y: output } = model.apply(variables, input, { tap });
    if (found.length > 0) return found;
    return [{ path: "", layer: model, params: variables.params, input, output }];
  });
}

function summarize({ path, layer, params, input, output }: Application): LayerSummary {
  const parameters = countParameters(params);
  return {
    path,
    kind: layer.kind ?? "module",
    outputShape: output.shape,
    parameters,
    flops: layer.flops?.(input.shape, output.shape) ?? 0,
    bytes: bytesPerNumber * (output.size + parameters),
  };
}

/** How many numbers a tree of tensors holds. */
export function countParameters(params: unknown): number {
  return flattenTensors(params).leaves.reduce((sum, t) => sum + t.size, 0);
}

/** Three significant digits with an SI prefix. */
function si(value: number): string {
  const prefixes = ["", "k", "M", "G", "T", "P"];
  const power = value < 1000 ? 0 : Math.min(Math.floor(Math.log10(value) / 3), prefixes.length - 1);
  return `${Number((value / 1000 ** power).toPrecision(3))} ${prefixes[power]}`;
}
