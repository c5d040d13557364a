/** Modules made of modules. */
import { random, type Tensor } from "../tensor";
import { refuse } from "../util/errors";
import { formatShape, sameShape, type Shape } from "../util/shapes";
import {
  applyLayer,
  asModule,
  checked,
  isModule,
  outputShape,
  within,
  withBatchAxis,
  type ApplyOptions,
  type Layer,
  type Module,
  type Nothing,
  type Variables,
} from "./module";

type ParamsOf<L> = L extends Module<infer P> ? P : Nothing;
type StateOf<L> = L extends Module<object, infer S> ? S : Nothing;
type Sequence<L> = Module<{ [K in keyof L]: ParamsOf<L[K]> }, { [K in keyof L]: StateOf<L[K]> }>;

/**
 * Layers one after the other: `sequential(dense(64), relu(), dense(10))`, an array of them, or an object whose keys
 * name them: `sequential({ stem, body, head })`. Parameters and state are an array or an object likewise. A plain
 * function of a tensor is a layer, too.
 */
export function sequential<const L extends readonly Layer[]>(...layers: L): Sequence<L>;
export function sequential<const L extends readonly Layer[]>(layers: L): Sequence<L>;
export function sequential<L extends Readonly<Record<string, Layer>>>(layers: L): Sequence<L>;
export function sequential(...given: readonly unknown[]): unknown {
  const [first] = given;
  const listed = given.length === 1 && Array.isArray(first) ? (first as unknown[]) : given;
  const named = given.length === 1 && !isModule(first) && typeof first === "object" && !Array.isArray(first);
  const entries = Object.entries(named ? first! : Array.from(listed));
  if (entries.length === 0) refuse("sequential", "needs at least one layer");
  const layers = entries.map(([name, layer]) => within(name, () => asModule("sequential", layer)));
  const names = entries.map(([name]) => name);
  const collect = (values: readonly object[]): object =>
    named ? Object.fromEntries(values.map((v, i) => [names[i], v])) : values;

  return checked({
    kind: "sequential",
    composite: true,
    inputAxes: layers[0].inputAxes,
    init(key, inputShape) {
      const keys = random.split(key, layers.length);
      let shape = withBatchAxis("sequential", layers[0], inputShape);
      const variables = layers.map((layer, i) =>
        within(names[i], () => {
          const made = layer.init(keys[i], shape);
          shape = outputShape(layer, made, key, shape);
          return made;
        }),
      );
      return {
        params: collect(variables.map((v) => v.params)),
        state: collect(variables.map((v) => v.state)),
      };
    },
    apply(variables, x, options = {}) {
      let y = x;
      const states = layers.map((layer, index) => {
        const done = applyLayer(layer, childOf(variables, names[index]), y, options, {
          name: names[index],
          index,
        });
        y = done.y;
        return done.state;
      });
      return { y, state: collect(states) };
    },
  });
}

function childOf({ params, state }: Variables, name: string): { params: unknown; state: unknown } {
  const of = (tree: unknown): unknown => (tree as Record<string, unknown> | undefined)?.[name];
  return { params: of(params), state: of(state) };
}

/**
 * body(x) + shortcut(x), the shortcut being x itself unless given (He et al. 2016). Refuses a body whose output has
 * another shape than the shortcut's.
 */
export function residual(
  body: Layer,
  shortcut: Layer = identity,
): Module<{ body: object; shortcut: object }, { body: object; shortcut: object }> {
  const [inner, side] = [asModule("residual", body), asModule("residual", shortcut)];
  const both = (
    apply: (branch: Module, name: "body" | "shortcut", index: number) => { y: Tensor; state: object },
  ) => {
    const [main, other] = [apply(inner, "body", 0), apply(side, "shortcut", 1)];
    checkSum(main.y.shape, other.y.shape);
    return { y: main.y.add(other.y), state: { body: main.state, shortcut: other.state } };
  };
  return checked({
    kind: "residual",
    composite: true,
    inputAxes: inner.inputAxes,
    init(key, inputShape) {
      const shape = withBatchAxis("residual", inner, inputShape);
      const [k1, k2] = random.split(key);
      const [main, other] = [
        within("body", () => inner.init(k1, shape)),
        within("shortcut", () => side.init(k2, shape)),
      ];
      checkSum(outputShape(inner, main, key, shape), outputShape(side, other, key, shape));
      return {
        params: { body: main.params, shortcut: other.params },
        state: { body: main.state, shortcut: other.state },
      };
    },
    apply: (variables, x, options: ApplyOptions = {}) =>
      both((branch, name, index) =>
        applyLayer(branch, { params: variables.params[name], state: variables.state[name] }, x, options, {
          name,
          index,
        }),
      ),
  });
}

function identity(x: Tensor): Tensor {
  return x;
}

function checkSum(body: Shape, shortcut: Shape): void {
  if (sameShape(body, shortcut)) return;
  refuse(
    "residual",
    `the body gives ${formatShape(body)}, the shortcut ${formatShape(shortcut)}: give a shortcut that changes the shape as the body does`,
  );
}
