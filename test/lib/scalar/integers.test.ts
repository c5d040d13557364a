import { expect } from "chai";
import { cpu, devices, tensor, withDevice, type Device } from "../../../lib";
import { apply, type Node, type Op } from "../../../lib/graph/node";
import { castOp, truncateOp } from "../../../lib/ops/cast";
import { registry } from "../../../lib/ops/registry";
import { numberLanes, numberOf, numberValue } from "../../../lib/scalar/numberLanes";
import type { ScalarFunction } from "../../../lib/scalar/lanes";
import { threefryWords } from "../../../lib/scalar/threefry";
import { Tensor } from "../../../lib/tensor";
import { converted, wrapped } from "../../../lib/util/conversion";
import { isFloat, type DType } from "../../../lib/util/dtypes";
import { forBothWidths, specialValues } from "../../support/binades";

type Whole = "int32" | "uint32" | "bool";

const values: Readonly<Record<Whole, readonly number[]>> = {
  int32: [
    0,
    1,
    -1,
    2,
    -2,
    3,
    7,
    -10,
    31,
    32,
    33,
    65_537,
    -65_536,
    2 ** 30 + 3,
    2 ** 31 - 1,
    -(2 ** 31),
    -(2 ** 31) + 1,
  ],
  uint32: [
    0,
    1,
    2,
    3,
    7,
    10,
    31,
    65_537,
    2 ** 16,
    2 ** 31 - 1,
    2 ** 31,
    2 ** 31 + 1,
    2 ** 32 - 2,
    2 ** 32 - 1,
  ],
  bool: [0, 1],
};

/** Ops of integers, and by what dtypes. */
const taken: Readonly<Record<string, readonly Whole[]>> = {
  add: ["int32", "uint32"],
  sub: ["int32", "uint32"],
  mul: ["int32", "uint32"],
  mulNoNan: ["int32", "uint32"],
  div: ["int32", "uint32"],
  neg: ["int32", "uint32"],
  maximum: ["int32", "uint32"],
  minimum: ["int32", "uint32"],
  pow: ["int32", "uint32"],
  equal: ["int32", "uint32", "bool"],
  less: ["int32", "uint32"],
  lessEqual: ["int32", "uint32"],
  bitwiseAnd: ["int32", "uint32", "bool"],
  bitwiseOr: ["int32", "uint32", "bool"],
  bitwiseXor: ["int32", "uint32", "bool"],
  shiftRight: ["uint32"],
  logicalNot: ["bool"],
};

const comparisons = ["equal", "less", "lessEqual"];

/** All combinations of `values` for as many operands as f takes. */
function combinations(f: ScalarFunction, dtype: Whole): number[][] {
  const all = values[dtype];
  if (f.exact.length === 1) return [[...all]];
  return [all.flatMap((a) => all.map(() => a)), all.flatMap(() => [...all])];
}

async function onDevice(
  device: Device,
  op: Op,
  given: readonly (readonly number[])[],
  dtypes: readonly DType[],
  attrs = {},
): Promise<number[]> {
  const nodes = withDevice(device, () =>
    given.map((x, i): Node => tensor(Float64Array.from(x), { dtype: dtypes[i] }).node),
  );
  return Array.from(await new Tensor(apply(op, nodes, attrs)).data());
}

function byNumberLanes(
  f: ScalarFunction,
  given: readonly (readonly number[])[],
  dtypes: readonly DType[],
): number[] {
  const types = dtypes.map((dtype) => (dtype === "float16" ? "float32" : dtype));
  const lanes = numberLanes(types.find((dtype) => dtype !== "bool") ?? "bool");
  return given[0].map((_, i) => {
    const args = given.map((x, k) => numberValue(x[i], types[k]));
    return numberOf(f.body(lanes, ...(args as never[])));
  });
}

describe("scalar functions of integers", () => {
  let gpu: Device;
  before(async () => ([gpu] = await devices()));

  for (const [name, dtypes] of Object.entries(taken)) {
    for (const dtype of dtypes) {
      it(`${name} of ${dtype} is exact in its instructions and on each device`, async () => {
        const op = registry.find((o) => o.name === name)!;
        if (op.lowering.kind !== "elementwise") return expect.fail(`${name} is no elementwise op`);
        const result = comparisons.includes(name) ? "bool" : dtype;
        const f = op.lowering.function({ shape: [], dtype: result });
        const given = combinations(f, dtype);
        const wanted = given[0].map((_, i) =>
          wrapped((f.exactWhole ?? f.exact)(...given.map((x) => x[i])), result),
        );
        const types = given.map(() => dtype);
        expect(byNumberLanes(f, given, types)).to.deep.equal(wanted);
        for (const operands of forBothWidths(given)) {
          for (const device of [cpu, gpu]) {
            const found = await onDevice(device, op, operands, types);
            expect(found.slice(0, wanted.length), device.name).to.deep.equal(wanted);
          }
        }
      });
    }
  }

  it("power is what multiplications come to", () => {
    const pow = registry.find((op) => op.name === "pow")!.lowering;
    const f = pow.kind === "elementwise" ? pow.function({ shape: [], dtype: "int32" }) : expect.fail();
    for (const x of values.int32) {
      let product = 1n;
      for (let n = 0; n < 70; n++) {
        expect(wrapped(f.exactWhole!(x, n), "int32"), `${x}^${n}`).to.equal(
          Number(BigInt.asIntN(32, product)),
        );
        product *= BigInt(x);
      }
    }
  });

  it("conversions take each number to the nearest that there is, toward zero", async () => {
    const floats = [
      ...specialValues("float32"),
      0.5,
      -0.5,
      1.5,
      -1.5,
      2147483520,
      -2147483648,
      2147483648,
      4294967040,
      4294967296,
      -1e10,
      1e10,
    ];
    const given: Readonly<Partial<Record<DType, readonly number[]>>> = { float32: floats, ...values };
    for (const [from, numbers] of Object.entries(given) as [DType, readonly number[]][]) {
      for (const to of ["float32", "int32", "uint32", "bool"] as const) {
        if (to === from) continue;
        const op = isFloat(from) && to !== "bool" ? truncateOp : castOp;
        if (op.lowering.kind !== "elementwise") return expect.fail();
        const f = op.lowering.function({ shape: [], dtype: to });
        const wanted = numbers.map((x) =>
          isFloat(to) ? Math.fround(x) : isFloat(from) || to === "bool" ? converted(x, to) : wrapped(x, to),
        );
        const what = `${from} to ${to}`;
        expect(byNumberLanes(f, [numbers], [from]), what).to.deep.equal(wanted);
        const onGpu = await onDevice(gpu, op, [numbers], [from], { dtype: to });
        // Of a denormal a device may not know that it is not zero.
        const isKnown = (x: number): boolean => x === 0 || !(Math.abs(x) < 2 ** -126);
        expect(
          onGpu.filter((_, i) => isKnown(numbers[i])),
          what,
        ).to.deep.equal(wanted.filter((_, i) => isKnown(numbers[i])));
        const onCpu = await onDevice(cpu, op, [numbers], [isFloat(from) ? "float64" : from], {
          dtype: isFloat(to) ? "float64" : to,
        });
        expect(
          onCpu.map((x) => (isFloat(to) ? Math.fround(x) : x)),
          what,
        ).to.deep.equal(wanted);
      }
    }
  });

  it("where takes what the condition says, of every dtype", async () => {
    const where = registry.find((op) => op.name === "where")!;
    for (const dtype of ["float32", "int32", "uint32", "bool"] as const) {
      const [yes, no] =
        dtype === "bool"
          ? [
              [1, 0, 1, 0],
              [0, 0, 1, 1],
            ]
          : [
              [1, 2, 3, 4],
              [5, 6, 7, 8],
            ];
      const given = [[1, 0, 0, 1], yes, no];
      expect(await onDevice(gpu, where, given, ["bool", dtype, dtype]), dtype).to.deep.equal([
        yes[0],
        no[1],
        no[2],
        yes[3],
      ]);
    }
  });
});

describe("Threefry", () => {
  /** Known answers of Random123, `kat_vectors`: key, counter, result. */
  const known = [
    [
      [0, 0],
      [0, 0],
      [0x6b200159, 0x99ba4efe],
    ],
    [
      [0xffffffff, 0xffffffff],
      [0xffffffff, 0xffffffff],
      [0x1cb996fc, 0xbb002be7],
    ],
    [
      [0x13198a2e, 0x03707344],
      [0x243f6a88, 0x85a308d3],
      [0xc4923a9c, 0x483df7a0],
    ],
  ] as const;

  it("gives the known answers, in its instructions and on each device", async () => {
    const [gpu] = await devices();
    for (const position of [0, 1] as const) {
      const f = threefryWords[position];
      const given = [0, 1].flatMap((k) => [known.map(([key]) => key[k])]);
      const counters = [0, 1].map((k) => known.map(([, counter]) => counter[k]));
      const operands = [...given, ...counters];
      const wanted = known.map(([, , result]) => result[position]);
      const types = operands.map(() => "uint32" as const);
      expect(byNumberLanes(f, operands, types)).to.deep.equal(wanted);
      expect(operands[0].map((_, i) => f.exact(...operands.map((x) => x[i])))).to.deep.equal(wanted);
      const op = registry.find((o) => o.name === f.name)!;
      for (const device of [cpu, gpu])
        expect(await onDevice(device, op, operands, types), device.name).to.deep.equal(wanted);
    }
  });
});
