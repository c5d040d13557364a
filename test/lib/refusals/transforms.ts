/** Bad arguments of transformations, and of what chooses devices and shows values. */
import * as sd from "../../../lib";
import { tensor, type Tensor } from "../../../lib";
import {
  call,
  id,
  matrix,
  options,
  row,
  rows,
  text,
  total,
  whole,
  wrong,
  type Refusal,
  type Row,
} from "./support";

const x = tensor([1, 2]);
const notFunction = (f: unknown): readonly Refusal[] => [
  [() => call(f, 3), "f must be a function, got 3"],
  [() => call(f, undefined), "f must be a function, got undefined"],
];
type Transformation = (f: unknown, options?: unknown) => (...args: unknown[]) => unknown;
const of = (f: unknown): Transformation => f as Transformation;

const differentiated = (f: unknown): readonly Refusal[] => [
  ...notFunction(f),
  [() => of(f)(total)(whole), "argument 0 is of dtype int32, which has no derivative"],
  [() => of(f)(total)({}), "argument 0 holds no tensor to differentiate in"],
];
const ofScalar = (f: unknown): readonly Refusal[] => [
  ...differentiated(f),
  [() => of(f)(id)(x), "f must return a scalar, got shape [2]; reduce it with .sum() or .mean()"],
  [() => of(f)(() => "text")(x), 'f must return a scalar tensor, got "text"'],
  [() => of(f)((y: Tensor) => y.sum().less(1))(x), "f must return a float, got bool"],
  [() => of(f)((y: Tensor) => Promise.resolve(y))(x), "f must not be async"],
];
const numbered = (f: unknown, argnums: string): readonly Refusal[] => [
  [() => of(f)(total, { argnums: 0.5 })(x), `argnums must be an integer${argnums}, got 0.5`],
  [() => of(f)(total, { argnums: "0" })(x), `argnums must be an integer${argnums}, got "0"`],
  [() => of(f)(total, { argnums: 1 })(x), "argnums 1 is out of range for a call with 1 arguments"],
];
const gradient = (f: unknown): readonly Refusal[] => [
  ...ofScalar(f),
  ...numbered(f, " or an array of them"),
  [() => of(f)(total, { argnums: [] })(x), "argnums must name at least one argument"],
  [() => of(f)(total, { wrongOption: 1 }), options("wrongOption", "argnums, hasAux")],
  [() => of(f)(total, { hasAux: 1 }), "hasAux must be true or false, got 1"],
  [() => of(f)(total, { hasAux: true })(x), "with hasAux f must return [loss, aux], got a Tensor"],
];
const jacobian = (f: unknown): readonly Refusal[] => [
  ...differentiated(f),
  ...numbered(f, ""),
  [() => of(f)(total, { wrongOption: 1 }), options("wrongOption", "argnums")],
];
const linearization = (f: unknown): readonly Refusal[] => [
  ...notFunction(f),
  [() => call(f, total, whole), "argument 0 is of dtype int32, which has no derivative"],
  [() => call(f, total, {}), "argument 0 holds no tensor to differentiate in"],
];
const mapped = (o: unknown, ...args: readonly unknown[]): unknown =>
  of(sd.vmap)((y: unknown) => y, o)(...args);
const step = (c: Tensor): readonly [Tensor, Tensor] => [c, c];

export const transformsTable: Record<string, Row> = {
  ...rows("grad valueAndGrad", gradient),
  ...rows("jacfwd jacrev", jacobian),
  hessian: row(...ofScalar(sd.hessian)),
  hvp: row(
    ...ofScalar((f: never) => (at: never) => sd.hvp(f, at, wrong([1, 1]))).slice(2),
    [() => sd.hvp(wrong(3), x, x), "f must be a function, got 3"],
    [() => sd.hvp(total, whole, x), "argument 0 is of dtype int32, which has no derivative"],
    [() => sd.hvp(total, x, [1, 2, 3]), "v must have shape [2], got [3]"],
    [() => sd.hvp(total, x, wrong({ v: 1 })), "v must have the structure *, got {v: *}"],
  ),
  jvp: row(
    ...notFunction(sd.jvp),
    [() => sd.jvp(total, wrong(x), [x]), "primals must be the array of f's arguments, got a Tensor"],
    [() => sd.jvp(total, [x], wrong(x)), "tangents must be the array of f's arguments, got a Tensor"],
    [() => sd.jvp(total, [x], wrong([])), "tangents must hold an entry for each of the 1 arguments, got 0"],
    [() => sd.jvp(total, [x], [[1, 2, 3]]), "tangents[0] must have shape [2], got [3]"],
    [() => sd.jvp(total, [whole], [x]), "argument 0 is of dtype int32"],
  ),
  vjp: row(...linearization(sd.vjp), [() => sd.vjp(total, x)[1](x), "cotangent must have shape [], got [2]"]),
  linearize: row(...linearization(sd.linearize), [
    () => sd.linearize(total, x)[1]([1, 2, 3]),
    "tangents[0] must have shape [2], got [3]",
  ]),
  vmap: row(
    ...notFunction(sd.vmap),
    [() => mapped({ wrongOption: 1 }, x), options("wrongOption", "inAxes, outAxes")],
    [
      () => mapped({ inAxes: "text" }, x),
      'inAxes must be an axis, null or a tree like the value, got "text"',
    ],
    [() => mapped({ inAxes: [0, 0] }, x), "inAxes has 2 entries, the call 1 arguments"],
    [() => mapped({ inAxes: null }, x), "needs at least one argument to map over; all inAxes are null"],
    [() => mapped({ inAxes: 1 }, x), "axis 1 is out of range for a tensor of 1 dimension"],
    [() => mapped({ inAxes: NaN }, x), "axis must be an integer, got NaN"],
    [
      () => mapped({ outAxes: "text" }, x),
      'outAxes must be an axis, null or a tree like the value, got "text"',
    ],
    [() => mapped({ outAxes: null }, x), "outAxes is null for a result that differs over the batch"],
    [() => mapped({}, 1), "argument 0 is a scalar and has no axis to map over; give it inAxes null"],
    [
      () => mapped({}, [1, 2], [1]),
      "argument 1 of shape [1] has 1 samples along axis 0, those before have 2",
    ],
  ),
  jit: row(
    ...notFunction(sd.jit),
    [() => of(sd.jit)(id, { wrongOption: 1 }), options("wrongOption", "staticArgnums")],
    [
      () => of(sd.jit)(id, { staticArgnums: "0" }),
      'staticArgnums must be an integer or an array of them, got "0"',
    ],
    [
      () => of(sd.jit)(id, { staticArgnums: -1 }),
      "staticArgnums must be a whole number of at least 0, got -1",
    ],
  ),
  checkpoint: row(...notFunction(sd.checkpoint)),
  customVjp: row(
    ...notFunction(sd.customVjp),
    [() => sd.customVjp(id, wrong(1), wrong(id)), "fwd must be a function, got 1"],
    [() => sd.customVjp(id, wrong(id), wrong(1)), "bwd must be a function, got 1"],
    [() => sd.customVjp(id, wrong(id), wrong(id))(x), "fwd must return [y, residuals], got a Tensor"],
  ),
  scan: row(
    ...notFunction(sd.scan),
    [
      () =>
        sd.scan(
          wrong((c: Tensor) => c),
          0,
          [1],
        ),
      "f must return [carry, y], got a Tensor",
    ],
    [
      () =>
        sd.scan(
          wrong((c: Tensor) => [c.expandDims(0), c]),
          0,
          [1],
        ),
      "f must return a carry like init, float",
    ],
    [() => sd.scan(step, 0, null), "needs xs or the option length, got neither"],
    [() => sd.scan(step, 0, 1), "xs is a scalar and has no slices"],
    [() => sd.scan(step, 0, [1, 2], { length: 3 }), "xs must have 3 slices along axis 0, got shape [2]"],
    [() => sd.scan(step, 0, null, { length: NaN }), "length must be a whole number of at least 1, got NaN"],
    [() => sd.scan(step, 0, [1], { reverse: wrong(1) }), "reverse must be true or false, got 1"],
    [() => sd.scan(step, 0, [1], wrong({ wrongOption: 1 })), options("wrongOption", "length, reverse")],
  ),
  setDefaultDevice: row([
    () => sd.setDefaultDevice(wrong("gpu")),
    'device must be one of those that `await devices()` lists, got "gpu"',
  ]),
  withDevice: row(
    [
      () => sd.withDevice(wrong(null), () => 1),
      "device must be one of those that `await devices()` lists, got null",
    ],
    [() => sd.withDevice(sd.cpu, wrong(matrix)), "fn must be a function, got a Tensor"],
  ),
  input: row(
    [() => sd.input(wrong(1)), "prompt must be a string, got 1"],
    [() => sd.input("", { password: wrong(1) }), "password must be true or false, got 1"],
    [() => sd.input("", wrong({ wrongOption: 1 })), options("wrongOption", "password")],
  ),
  clearOutput: row([() => sd.clearOutput(text), 'wait must be true or false, got "text"']),
};
