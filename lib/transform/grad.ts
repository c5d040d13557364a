import type { Node } from "../graph/node";
import { constantLike } from "../ops/define";
import { wrap, type Tensor } from "../tensor/tensor";
import { checkFunction, checkFlag } from "../util/checks";
import { checkOptions, describe, refuse } from "../util/errors";
import { jvpNodes, orZeros, transposeNodes } from "./nodes";
import {
  checkArgnums,
  checkNumbers,
  checkScalar,
  placeholder,
  trace,
  unflattenTree,
  type ArgumentNumbers,
  type Arguments,
  type Given,
} from "./trees";

export interface GradOptions {
  /** Which argument to differentiate in, or several, which gives an array of gradients; 0 unless given. */
  readonly argnums?: ArgumentNumbers;
  /** `f` returns `[loss, aux]`; aux is passed through. */
  readonly hasAux?: boolean;
}

interface Several {
  readonly argnums: readonly number[];
}
interface One {
  readonly argnums?: number;
}
interface Plain {
  readonly hasAux?: false;
}
interface WithAux {
  readonly hasAux: true;
}
type Chosen<A extends readonly unknown[], O extends One> = O extends { argnums: infer N extends number }
  ? Given<A[N]>
  : Given<A[0]>;

/**
 * The gradient of a scalar function, in its first argument unless `argnums` says otherwise; it has the structure and
 * shapes of that argument. With `hasAux`, `f` returns `[loss, aux]` and the result is `[gradient, aux]`.
 * Throws an ArgumentError where f does not return a scalar, or an argument is not a float.
 */
export function grad<A extends readonly unknown[], O extends One & Plain>(
  f: (...args: A) => Tensor,
  options?: O,
): (...args: Arguments<A>) => Chosen<A, O>;
export function grad<A extends readonly unknown[]>(
  f: (...args: A) => Tensor,
  options: Several & Plain,
): (...args: Arguments<A>) => Given<A[number]>[];
export function grad<A extends readonly unknown[], Aux, O extends One & WithAux>(
  f: (...args: A) => readonly [Tensor, Aux],
  options: O,
): (...args: Arguments<A>) => [Chosen<A, O>, Aux];
export function grad<A extends readonly unknown[], Aux>(
  f: (...args: A) => readonly [Tensor, Aux],
  options: Several & WithAux,
): (...args: Arguments<A>) => [Given<A[number]>[], Aux];
export function grad(
  f: (...args: never) => unknown,
  options: GradOptions = {},
): (...args: unknown[]) => unknown {
  const run = gradientFunction("grad", f, options);
  return (...args) => {
    const { grads, aux } = run(args);
    return options.hasAux ? [grads, aux] : grads;
  };
}

/** As `grad`, with the value: `[value, gradient]`, or `[[value, aux], gradient]` with `hasAux`. */
export function valueAndGrad<A extends readonly unknown[], O extends One & Plain>(
  f: (...args: A) => Tensor,
  options?: O,
): (...args: Arguments<A>) => [Tensor, Chosen<A, O>];
export function valueAndGrad<A extends readonly unknown[]>(
  f: (...args: A) => Tensor,
  options: Several & Plain,
): (...args: Arguments<A>) => [Tensor, Given<A[number]>[]];
export function valueAndGrad<A extends readonly unknown[], Aux, O extends One & WithAux>(
  f: (...args: A) => readonly [Tensor, Aux],
  options: O,
): (...args: Arguments<A>) => [[Tensor, Aux], Chosen<A, O>];
export function valueAndGrad<A extends readonly unknown[], Aux>(
  f: (...args: A) => readonly [Tensor, Aux],
  options: Several & WithAux,
): (...args: Arguments<A>) => [[Tensor, Aux], Given<A[number]>[]];
export function valueAndGrad(
  f: (...args: never) => unknown,
  options: GradOptions = {},
): (...args: unknown[]) => unknown {
  const run = gradientFunction("valueAndGrad", f, options);
  return (...args) => {
    const { value, grads, aux } = run(args);
    return [options.hasAux ? [value, aux] : value, grads];
  };
}

/** The gradient in the first argument, for `where`, which differentiates further. */
export function gradientOf(where: string, f: (...args: never) => unknown): (...args: unknown[]) => unknown {
  const run = gradientFunction(where, f, {});
  return (...args) => run(args).grads;
}

interface Gradient {
  readonly value: Tensor;
  readonly grads: unknown;
  readonly aux: unknown;
}

function gradientFunction(
  where: string,
  f: (...args: never) => unknown,
  options: GradOptions,
): (args: readonly unknown[]) => Gradient {
  checkFunction(where, f);
  checkOptions(where, options, ["argnums", "hasAux"]);
  const { argnums = 0 } = options;
  checkNumbers(where, "argnums", argnums);
  const hasAux = checkFlag(where, "hasAux", options.hasAux);
  return (args) => {
    const { inputs, given, result } = trace(where, f, args, checkArgnums(where, argnums, args.length));
    if (hasAux && !(Array.isArray(result) && result.length === 2)) {
      refuse(where, `with hasAux f must return [loss, aux], got ${describe(result)}`);
    }
    const [loss, aux] = hasAux ? (result as [unknown, unknown]) : [result, undefined];
    const y = checkScalar(where, loss).node;
    const cotangents = pullback([y], inputs, [constantLike(y, 1)]);
    let next = 0;
    const grads = given.map(({ structure, leaves }) => {
      const nodes = leaves.map(() => cotangents[next++]);
      return unflattenTree(structure, nodes);
    });
    return { value: wrap(y), grads: typeof argnums === "number" ? grads[0] : grads, aux };
  };
}

/** The cotangents of `inputs` given those of `outputs`. */
export function pullback(
  outputs: readonly Node[],
  inputs: readonly Node[],
  cotangents: readonly Node[],
): Node[] {
  const tangents = inputs.map(placeholder);
  const linear = jvpNodes(outputs, inputs, tangents);
  return transposeNodes(linear, tangents, cotangents).map((ct, i) => orZeros(ct, inputs[i]));
}
