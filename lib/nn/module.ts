/** What a network is made of: modules, which are pure functions of their variables. */
import { random, Tensor } from "../tensor";
import { checkKey } from "../tensor/lift";
import { traced } from "../tensor/tensor";
import { placeholder } from "../transform/trees";
import { ArgumentError, describe, refuse } from "../util/errors";
import { checkCounts, checkShape, type Shape } from "../util/shapes";

/** What a module computes with: `params` are trained, `state` is carried along, such as running averages. */
export interface Variables<P = object, S = object> {
  readonly params: P;
  readonly state: S;
}

/** One application of a layer within a network. */
export interface Application {
  /** Where the layer stands, such as `2.body.0`; its parameters have the same path. */
  readonly path: string;
  readonly layer: Module;
  readonly params: unknown;
  readonly input: Tensor;
  readonly output: Tensor;
}

export interface ApplyOptions {
  /** Whether this is a step of training: dropout drops, batch norm takes the batch's own statistics. False unless given. */
  readonly train?: boolean;
  /** A random key, which dropout needs in training. */
  readonly key?: Tensor;
  /** Sums over the ranks that share the batch, as `parallel.psum` does: batch norm has the statistics of all of it. */
  readonly psum?: (x: Tensor) => Tensor;
  /** Sees what each layer gives; a tensor that it returns takes the output's place. */
  readonly tap?: (application: Application) => Tensor | undefined;
}

export interface Module<P = object, S = object> {
  /** The kind of layer, for tables and messages. */
  readonly kind?: string;
  /** How many axes an input has, the batch's among them, where that is fixed. */
  readonly inputAxes?: number;
  /** Whether it is made of other modules, which speak for themselves. */
  readonly composite?: boolean;
  /** Floating-point operations for one input; a multiplication and an addition are two. */
  flops?(input: Shape, output: Shape): number;
  /** First variables for inputs of a shape; the batch's axis counts (its length does not matter). */
  init(key: Tensor, inputShape: Shape): Variables<P, S>;
  apply(
    variables: Variables<P, S>,
    x: Tensor,
    options?: ApplyOptions,
  ): { readonly y: Tensor; readonly state: S };
}

/** A module, or a plain function of a tensor, which has no variables. */
export type Layer<P = object, S = object> = Module<P, S> | ((x: Tensor) => Tensor);

/** No parameters, or no state. */
export type Nothing = Readonly<Record<string, never>>;

export const nothing: Nothing = {};

export function isModule(value: unknown): value is Module {
  const { init, apply } = (value ?? {}) as Partial<Module>;
  return typeof init === "function" && typeof apply === "function";
}

/** `layer` as a module. Refuses what is neither a module nor a function. */
export function asModule(where: string, layer: unknown): Module {
  if (isModule(layer)) return layer;
  if (typeof layer === "function")
    return mapping(layer.name || "function", layer as (x: Tensor) => Tensor, 0);
  return refuse(where, `a layer must be a module or a function of a tensor, got ${describe(layer)}`);
}

/** `module`, whose init and apply refuse at once what they cannot take. */
export function checked<P, S>(module: Module<P, S> & { readonly kind: string }): Module<P, S> {
  const where = module.kind;
  return {
    ...module,
    init(key, inputShape) {
      checkKey(where, key);
      return module.init(key, checkCounts(where, "inputShape", inputShape));
    },
    apply(variables, x, options) {
      const { params } = (variables ?? {}) as Partial<Variables>;
      if (typeof params !== "object" || params === null) {
        refuse(where, `variables must be {params, state}, as init gives them, got ${describe(variables)}`);
      }
      if (!(x instanceof Tensor)) refuse(where, `x must be a tensor, got ${describe(x)}`);
      return module.apply(variables, x, options);
    },
  };
}

/** The module without variables that applies `fn`; `flops` an element of the output. */
export function mapping(kind: string, fn: (x: Tensor) => Tensor, flops: number): Module<Nothing, Nothing> {
  return {
    kind,
    flops: (_, output) => flops * output.reduce((size, n) => size * n, 1),
    init: () => ({ params: nothing, state: nothing }),
    apply(_, x) {
      const y: unknown = fn(x);
      if (y instanceof Tensor) return { y, state: nothing };
      const hint = isModule(y) ? `; write nn.${y.kind}(), with its parentheses` : "";
      return refuse(kind, `as a layer it must give a tensor, got ${describe(y)}${hint}`);
    },
  };
}

/** `shape` with the batch's axis, which may be left out where the module knows how many axes it takes. */
export function withBatchAxis(where: string, module: Module, shape: Shape): Shape {
  checkShape(where, shape);
  return shape.length + 1 === module.inputAxes ? [1, ...shape] : shape;
}

/** The shape that `module` gives for inputs of `inputShape`; nothing is computed. */
export function outputShape(module: Module, variables: Variables, key: Tensor, inputShape: Shape): Shape {
  const { device } = key;
  const x = new Tensor(placeholder({ shape: inputShape, dtype: device.floatType, device }));
  return traced(() => module.apply(variables, x)).y.shape;
}

/** Applies a layer of a network, the `index`-th, called `name` there. */
export function applyLayer(
  module: Module,
  { params, state }: { readonly params: unknown; readonly state: unknown },
  x: Tensor,
  { train, key, psum, tap }: ApplyOptions,
  { name, index }: { readonly name: string; readonly index: number },
): { readonly y: Tensor; readonly state: object } {
  const inner: ApplyOptions = {
    train,
    psum,
    key: train && key ? random.foldIn(key, index) : undefined,
    tap: tap && ((at) => tap({ ...at, path: `${name}.${at.path}` })),
  };
  const variables = { params: params ?? nothing, state: state ?? nothing } as Variables;
  const done = within(name, () => module.apply(variables, x, inner));
  const replaced = tap?.({ path: name, layer: module, params, input: x, output: done.y });
  return replaced ? { y: replaced, state: done.state } : done;
}

const place = /^layer ([^:]+): /;

/** `fn`, whose refusals say in which layer they came about. */
export function within<T>(name: string, fn: () => T): T {
  try {
    return fn();
  } catch (error) {
    if (!(error instanceof ArgumentError)) throw error;
    const inner = place.exec(error.message);
    const path = inner ? `${name}.${inner[1]}` : name;
    throw new ArgumentError(`layer ${path}: ${error.message.replace(place, "")}`, { cause: error });
  }
}
