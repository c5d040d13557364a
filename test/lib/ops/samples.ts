/** Inputs for every op in the registry, on which its rules are checked against each other. */
import { constant } from "../../../lib/ops/define";
import { iota } from "../../../lib/ops/iota";
import { eigh, svd } from "../../../lib/ops/spectral";
import { transfer } from "../../../lib/ops/transfer";
import type { Attrs, Device, Node } from "../../../lib/graph/node";
import { cpu } from "../../../lib";
import type { DType } from "../../../lib/util/dtypes";

export interface Input {
  readonly shape: readonly number[];
  /** A float unless given. */
  readonly dtype?: DType;
  /** The range that elements are drawn from; [-2, 2] unless given. */
  readonly range?: readonly [number, number];
  /** Added to the element at each row-major position. */
  readonly bias?: (position: number) => number;
}

export interface Sample {
  readonly inputs: readonly Input[];
  readonly attrs?: Attrs;
  /** For ops that are not made by `apply`. */
  readonly make?: (inputs: readonly Node[], device: Device) => Node;
  /** Relative error of the GPU device; 1e-5 unless given. */
  readonly tolerance?: number;
  /** The derivative is zero by decree, whatever the function does. */
  readonly stopsGradient?: boolean;
}

const shape = [3, 5];
const of = (range: readonly [number, number]): Sample => ({ inputs: [{ shape, range }] });
const anywhere = of([-2, 2]);
const positive = of([0.2, 3]);
const within = of([-0.9, 0.9]);
/** Away from whole numbers and their halves, where steps lie. */
const fraction = of([0.1, 0.4]);
const two: Sample = { inputs: [{ shape }, { shape }] };
const integers = (dtype: DType, range: readonly [number, number]): Sample => ({
  inputs: [
    { shape, dtype, range },
    { shape, dtype, range },
  ],
});
const comparison = [two, integers("int32", [-3, 3])];
const bits = [integers("int32", [-9, 9]), integers("uint32", [0, 9])];
const words: Sample = {
  inputs: Array.from({ length: 4 }, () => ({
    shape,
    dtype: "uint32" as const,
    range: [0, 2 ** 32] as const,
  })),
};
const image = { shape: [2, 4, 5, 6] };
const along = (attrs: Attrs, ...shapes: number[][]): Sample => ({
  inputs: shapes.map((s) => ({ shape: s })),
  attrs,
});
const convolution = (size: number[], groups: number, stride: number): Attrs => ({
  stride: [stride, 1],
  dilation: [1, 2],
  padding: [1, 2],
  groups,
  size,
});

/** A matrix whose diagonal keeps it regular, and its eigenvalues apart. */
const matrix = (m: number, n: number): Input => ({
  shape: [m, n],
  range: [-0.5, 0.5],
  bias: (k) => (Math.floor(k / n) === k % n ? 2 + 1.5 * (k % n) : 0),
});
const ofMatrix = (m: number, n: number, attrs?: Attrs): Sample => ({
  inputs: [matrix(m, n)],
  attrs,
  tolerance: 1e-4,
});

export const samples: Readonly<Record<string, readonly Sample[]>> = {
  full: [{ inputs: [], make: (_, device) => constant(2.5, { shape, dtype: device.floatType }, device) }],
  arange: [{ inputs: [], make: (_, device) => iota(7, "int32", device) }],
  astype: [
    { inputs: [{ shape, range: [0, 3], dtype: "int32" }], attrs: { dtype: "bool" } },
    { inputs: [{ shape, range: [-9, 9], dtype: "int32" }], attrs: { dtype: "uint32" } },
  ],
  truncate: [
    { inputs: [{ shape, range: [-5, 5] }], attrs: { dtype: "int32" } },
    {
      inputs: [{ shape, range: [-5, 5], bias: (k) => (k % 3 === 0 ? 1e20 : 0) }],
      attrs: { dtype: "uint32" },
    },
  ],
  exp: [anywhere],
  expm1: [anywhere, of([-1e-3, 1e-3])],
  log: [positive],
  log1p: [of([-0.5, 3]), of([-1e-3, 1e-3])],
  sqrt: [positive],
  sin: [anywhere],
  cos: [anywhere],
  tan: [of([-1, 1])],
  asin: [within],
  acos: [within],
  atan: [anywhere],
  sinh: [anywhere],
  cosh: [anywhere],
  tanh: [anywhere, of([-30, 30])],
  sigmoid: [anywhere],
  erf: [anywhere],
  erfinv: [within],
  normalCdf: [anywhere],
  abs: [positive, of([-2, -0.1])],
  sign: [positive, of([-2, -0.1])],
  floor: [fraction],
  ceil: [fraction],
  round: [fraction],
  add: comparison,
  sub: comparison,
  mul: comparison,
  mulNoNan: comparison,
  div: [{ inputs: [{ shape }, { shape, range: [0.5, 2] }] }],
  neg: [anywhere, { inputs: [{ shape, dtype: "int32", range: [-9, 9] }] }],
  maximum: comparison,
  minimum: comparison,
  pow: [{ inputs: [{ shape, range: [0.3, 2] }, { shape }] }, integers("int32", [0, 5])],
  atan2: [two],
  equal: comparison,
  less: comparison,
  lessEqual: comparison,
  bitwiseAnd: bits,
  bitwiseOr: bits,
  bitwiseXor: bits,
  shiftRight: [integers("uint32", [0, 30])],
  isNaN: [{ inputs: [{ shape, bias: (k) => (k % 4 === 0 ? NaN : 0) }] }],
  logicalNot: [{ inputs: [{ shape, dtype: "bool", range: [0, 2] }] }],
  where: [{ inputs: [{ shape, dtype: "bool", range: [0, 2] }, { shape }, { shape }] }],
  reshape: [along({ shape: [5, 3] }, shape)],
  transpose: [along({ axes: [2, 0, 1] }, [2, 3, 4])],
  flip: [along({ axes: [0, 2] }, [2, 3, 4])],
  slice: [along({ starts: [1, 0], sizes: [2, 3], steps: [1, 2] }, [4, 5])],
  pad: [
    along({ before: [1, 0], after: [2, 0], between: [0, 0] }, shape),
    along({ before: [0, 2], after: [1, 0], between: [1, 2] }, shape),
  ],
  sum: [
    along({ axes: [1] }, shape),
    along({ axes: [0, 2] }, [2, 3, 4]),
    { inputs: [{ shape, dtype: "int32", range: [-9, 9] }], attrs: { axes: [0] } },
  ],
  broadcastTo: [along({ shape: [2, 3, 4] }, [1, 3, 1])],
  max: [along({ axes: [1] }, shape), along({ axes: [0, 2] }, [2, 3, 4])],
  min: [along({ axes: [1] }, shape)],
  stack: [
    two,
    integers("int32", [-9, 9]),
    {
      inputs: [
        { shape, dtype: "bool", range: [0, 2] },
        { shape, dtype: "bool", range: [0, 2] },
      ],
    },
  ],
  matmul: [along({}, [3, 4], [4, 5]), along({}, [2, 3, 4], [2, 4, 5])],
  matmulOfIntegers: [
    {
      inputs: [
        { shape: [2, 3, 4], dtype: "int32", range: [-9, 9] },
        { shape: [2, 4, 5], dtype: "int32", range: [-9, 9] },
      ],
    },
  ],
  shear: [
    along({ axis: 1, size: 4, stride: 1, dilation: 1, padding: 1 }, [2, 3, 4]),
    along({ axis: 0, size: 2, stride: 3, dilation: 2, padding: 0 }, [2, 7, 3]),
  ],
  unshear: [
    along({ axis: 1, size: 5, stride: 1, dilation: 1, padding: 1 }, [2, 3, 4]),
    along({ axis: 0, size: 8, stride: 3, dilation: 2, padding: 1 }, [2, 3, 3]),
  ],
  conv2d: [
    { inputs: [image, { shape: [6, 4, 3, 2] }], attrs: convolution([5, 8], 1, 1), tolerance: 1e-4 },
    { inputs: [image, { shape: [6, 2, 3, 2] }], attrs: convolution([3, 8], 2, 2), tolerance: 1e-4 },
  ],
  conv2dOfOutput: [
    {
      inputs: [{ shape: [2, 6, 3, 8] }, { shape: [6, 2, 3, 2] }],
      attrs: convolution([5, 6], 2, 2),
      tolerance: 1e-4,
    },
  ],
  conv2dOfImages: [
    { inputs: [image, { shape: [2, 6, 3, 8] }], attrs: convolution([3, 2], 2, 2), tolerance: 1e-4 },
  ],
  take: [
    { inputs: [{ shape: [2, 5, 3] }, { shape: [2, 2], dtype: "int32", range: [0, 5] }], attrs: { axis: 1 } },
    { inputs: [{ shape: [4] }, { shape: [7], dtype: "uint32", range: [0, 4] }], attrs: { axis: 0 } },
  ],
  takeAlongAxis: [
    {
      inputs: [{ shape: [2, 5, 3] }, { shape: [2, 4, 3], dtype: "int32", range: [0, 5] }],
      attrs: { axis: 1 },
    },
  ],
  cumsum: [
    along({ axis: 1, reverse: false }, [2, 7, 3]),
    along({ axis: 0, reverse: true }, [6]),
    { inputs: [{ shape, dtype: "int32", range: [-9, 9] }], attrs: { axis: 1, reverse: false } },
  ],
  argsort: [
    along({ axis: 1, descending: false }, [2, 7, 3]),
    { inputs: [{ shape: [3, 8], dtype: "int32", range: [0, 4] }], attrs: { axis: 1, descending: true } },
  ],
  rearrange: [
    {
      inputs: [
        { shape: [2, 5] },
        { shape: [2, 5], dtype: "int32", range: [0, 0], bias: (k) => (3 * k + 1) % 5 },
      ],
      attrs: { axis: 1 },
    },
  ],
  threefry2x32_0: [words],
  threefry2x32_1: [words],
  solve: [{ inputs: [matrix(3, 3), { shape: [3, 2] }], tolerance: 1e-4 }],
  cholesky: [ofMatrix(3, 3)],
  eigvalsh: [ofMatrix(3, 3)],
  eigh: [ofMatrix(3, 3)],
  eigenvalues: [{ ...ofMatrix(3, 3), make: ([a]) => eigh(a).values }],
  eigenvectors: [{ ...ofMatrix(3, 3), make: ([a]) => eigh(a).vectors }],
  svdvals: [ofMatrix(3, 3), ofMatrix(4, 3)],
  svd: [ofMatrix(4, 3), ofMatrix(3, 4)],
  singularValues: [{ ...ofMatrix(4, 3), make: ([a]) => svd(a).values }],
  leftVectors: [ofMatrix(4, 3), ofMatrix(3, 4)].map((sample): Sample => ({
    ...sample,
    make: ([a]) => svd(a).left,
  })),
  rightVectors: [ofMatrix(4, 3), ofMatrix(3, 4)].map((sample): Sample => ({
    ...sample,
    make: ([a]) => svd(a).right,
  })),
  qr: [ofMatrix(3, 3), ofMatrix(4, 3)],
  det: [ofMatrix(3, 3)],
  cofactors: [ofMatrix(3, 3)],
  cofactorsTangent: [{ inputs: [matrix(3, 3), { shape: [3, 3] }], tolerance: 1e-4 }],
  slogdet: [ofMatrix(3, 3)],
  pinv: [ofMatrix(3, 3, { rcond: 1e-6 }), ofMatrix(4, 3, { rcond: 1e-6 })],
  inverses: [{ inputs: [{ shape: [2, 3], range: [0.5, 2] }], tolerance: 1e-4 }],
  inverseGaps: [{ inputs: [{ shape: [2, 3], range: [0, 0.5], bias: (k) => k }], tolerance: 1e-4 }],
  stopGradient: [{ ...anywhere, stopsGradient: true }],
  alias: [anywhere],
  after: [two],
  to: [{ ...anywhere, make: ([x]) => transfer(x, cpu) }],
};
