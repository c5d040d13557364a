import { expect } from "chai";
import fc from "fast-check";
import * as sd from "../../../lib";
import { cpu, devices, random, tensor, withDevice, type Device, type DType, type Tensor } from "../../../lib";

const { NaN, POSITIVE_INFINITY: inf } = Number;
const ranges = { int32: [-(2 ** 31), 2 ** 31 - 1], uint32: [0, 2 ** 32 - 1] } as const;

/** README's rule, in words of its own. */
function expected(value: number, dtype: DType): number {
  if (dtype === "bool") return value !== 0 ? 1 : 0;
  if (dtype !== "int32" && dtype !== "uint32") return value;
  if (value !== value) return 0;
  const [least, most] = ranges[dtype];
  if (value <= least) return least;
  if (value >= most) return most;
  return value < 0 ? Math.ceil(value) + 0 : Math.floor(value);
}

const edges = [
  NaN,
  inf,
  -inf,
  0,
  -0,
  0.5,
  -0.5,
  1.9,
  -1.9,
  255,
  256,
  -1,
  3e9,
  -3e9,
  1e20,
  -1e20,
  2 ** 24 + 1,
];
const bounds = [2 ** 31 - 1, 2 ** 31, -(2 ** 31), -(2 ** 31) - 1, 2 ** 32 - 1, 2 ** 32, 4294967297, 2 ** 53];
const numbers = fc.oneof(
  fc.constantFrom(...edges, ...bounds),
  fc.double({ noDefaultInfinity: false }),
  fc.integer({ min: -(2 ** 33), max: 2 ** 33 }),
);
const targets = fc.constantFrom<DType>("int32", "uint32", "bool");

/** Each way in which a float becomes a number of another dtype; `rounded` where it is a float of the device on its way. */
const ways: Readonly<Record<string, { of: (v: number, dtype: DType) => Tensor; rounded?: boolean }>> = {
  "tensor of an array": { of: (v, dtype) => tensor([v], { dtype }) },
  "tensor of a number": { of: (v, dtype) => tensor(v, { dtype }) },
  "tensor of a Float64Array": { of: (v, dtype) => tensor(Float64Array.of(v), { dtype }) },
  "tensor of a Float32Array": { of: (v, dtype) => tensor(Float32Array.of(v), { dtype }), rounded: true },
  full: { of: (v, dtype) => sd.full([1], v, { dtype }) },
  fullLike: { of: (v, dtype) => sd.fullLike(sd.zeros([1], { dtype }), v) },
  astype: { of: (v, dtype) => tensor([v]).astype(dtype), rounded: true },
  "astype of what is computed": { of: (v, dtype) => tensor([v]).reshape([1, 1]).neg().neg().astype(dtype), rounded: true }, // prettier-ignore
  pad: { of: (v, dtype) => sd.zeros([0], { dtype }).pad([[0, 1]], v) },
  scatterAdd: {
    of: (v, dtype) =>
      dtype === "bool" ? tensor([v], { dtype }) : sd.scatterAdd(sd.zeros([1], { dtype }), [0], [v]),
  },
  linspace: {
    of: (v, dtype) => (Number.isFinite(v) ? sd.linspace(v, v, 1, { dtype }) : tensor(v, { dtype })),
  },
  arange: {
    of: (v, dtype) => (Math.abs(v) < 2 ** 52 ? sd.arange(v, v + 1, 1, { dtype }) : tensor(v, { dtype })),
  },
};

describe("numbers become those of another dtype by one rule", () => {
  let all: Device[];
  before(async () => (all = await devices()));

  for (const [name, { of, rounded }] of Object.entries(ways)) {
    it(`in ${name}`, () =>
      fc.assert(
        fc.asyncProperty(numbers, targets, async (value, dtype) => {
          for (const device of all) {
            const given = rounded && (device !== cpu || name.includes("32")) ? Math.fround(value) : value;
            // Denormals may be zero there.
            if (dtype === "bool" && device !== cpu && given !== 0 && Math.abs(given) < 2 ** -126) continue;
            const [found] = await withDevice(device, () => of(value, dtype)).data();
            expect(found, `${value} as ${dtype} on ${device.name}`).to.equal(expected(given, dtype));
          }
        }),
        { numRuns: 60, seed: 3, examples: [...edges, ...bounds].flatMap((v) => [[v, "int32"], [v, "uint32"], [v, "bool"]] as [number, DType][]) }, // prettier-ignore
      )).timeout(120_000);
  }

  it("and integers become other integers modulo 2³²", async () => {
    for (const device of all) {
      const words = Uint32Array.of(0, 2 ** 31, 2 ** 32 - 1, 3e9);
      const signed = Int32Array.of(0, -(2 ** 31), -1, 3e9 - 2 ** 32);
      await withDevice(device, async () => {
        for (const from of [tensor(words).astype("int32"), tensor(words, { dtype: "int32" })])
          expect(Array.from(await from.data())).to.deep.equal(Array.from(signed));
        for (const from of [tensor(signed).astype("uint32"), tensor(signed, { dtype: "uint32" })])
          expect(Array.from(await from.data())).to.deep.equal(Array.from(words));
        expect(await tensor(words, { dtype: "bool" }).array()).to.deep.equal([false, true, true, true]);
      });
    }
  });
});

describe("comparisons of integers are those of the numbers", () => {
  let all: Device[];
  before(async () => (all = await devices()));

  const relations = {
    equal: (a: number, b: number) => a === b,
    notEqual: (a: number, b: number) => a !== b,
    less: (a: number, b: number) => a < b,
    lessEqual: (a: number, b: number) => a <= b,
    greater: (a: number, b: number) => a > b,
    greaterEqual: (a: number, b: number) => a >= b,
  };
  const wholes = (dtype: keyof typeof ranges) =>
    fc.oneof(
      fc.integer({ min: ranges[dtype][0], max: ranges[dtype][1] }),
      fc.constantFrom(...ranges[dtype], 0, 1, 2 ** 31 - 1),
    );

  for (const [name, holds] of Object.entries(relations)) {
    const compare = sd[name as keyof typeof relations];
    it(`${name}: with a number on either side, and of int32 with uint32`, () =>
      fc.assert(
        fc.asyncProperty(wholes("int32"), wholes("uint32"), numbers, async (signed, unsigned, value) => {
          for (const device of all) {
            await withDevice(device, async () => {
              const [i, u] = [tensor(Int32Array.of(signed)), tensor(Uint32Array.of(unsigned))];
              const pairs = [
                [compare(i, value), holds(signed, value)],
                [compare(value, i), holds(value, signed)],
                [compare(u, value), holds(unsigned, value)],
                [compare(value, u), holds(value, unsigned)],
                [compare(i, u), holds(signed, unsigned)],
                [compare(u, i), holds(unsigned, signed)],
                [compare(tensor([true]), value), holds(1, value)],
              ] as const;
              const found = await sd.stack(pairs.map(([t]) => t)).data();
              const wanted = pairs.map(([, truth]) => Number(truth));
              expect(Array.from(found), `${signed}, ${unsigned}, ${value}`).to.deep.equal(wanted);
            });
          }
        }),
        { numRuns: 40, seed: 5, examples: [[1, 1, 3e9], [1, 1, 4294967297], [1, 1, -1], [16777217, 0, 16777216.5], [0, 0, NaN]] }, // prettier-ignore
      )).timeout(120_000);
  }
});

describe("whole numbers beside integers", () => {
  let all: Device[];
  before(async () => (all = await devices()));

  it("count modulo 2³² in arithmetic, are held in bounds, and are the bound where they are out of range", async () => {
    for (const device of all) {
      await withDevice(device, async () => {
        const i = tensor(Int32Array.of(1, -5));
        const u = tensor(Uint32Array.of(1, 4e9));
        const cases: readonly (readonly [Tensor, number[]])[] = [
          [u.add(-1), [0, 4e9 - 1]],
          [u.sub(2), [2 ** 32 - 1, 4e9 - 2]],
          [i.add(3e9), [3e9 + 1 - 2 ** 32, 3e9 - 5 - 2 ** 32]],
          [i.mul(2 ** 32 + 3), [3, -15]],
          [i.pow(2 ** 31 + 1), [1, powerOfMinusFive()]],
          [i.maximum(3e9), [2 ** 31 - 1, 2 ** 31 - 1]],
          [i.minimum(3e9), [1, -5]],
          [u.clip(-1, 5), [1, 5]],
          [u.maximum(-7), [1, 4e9]],
          [sd.where([true, false], i, -3e9), [1, -(2 ** 31)]],
        ];
        for (const [t, wanted] of cases)
          expect(Array.from(await t.data()), device.name).to.deep.equal(wanted);
        expect(u.add(0.5).dtype).to.equal(device.floatType);
      });
    }
  });

  it("are what they are as indices and as numbers of a key", async () => {
    for (const device of all) {
      await withDevice(device, async () => {
        const key = random.key(1);
        const words = await sd.stack([2 ** 24, 2 ** 24 + 1].map((n) => random.foldIn(key, n))).array();
        expect((words as number[][])[0], device.name).not.to.deep.equal((words as number[][])[1]);
        const long = sd.arange(2 ** 24 + 4);
        expect(await long.take([2 ** 24 + 1, 2 ** 24 + 3]).array()).to.deep.equal([2 ** 24 + 1, 2 ** 24 + 3]);
      });
    }
  });

  it("make floats where int32 cannot hold a range", async () => {
    expect(sd.arange(3e9, 3e9 + 3).dtype).not.to.equal("int32");
    const down = sd.arange(5, 0, -2, { dtype: "uint32" });
    expect(Array.from(await down.data())).to.deep.equal([5, 3, 1]);
  });
});

/** (−5)^(2³¹ + 1) modulo 2³², by repeated squaring of BigInts. */
function powerOfMinusFive(): number {
  let [power, square] = [1n, -5n];
  for (let left = 2n ** 31n + 1n; left > 0n; left >>= 1n) {
    if (left & 1n) power = BigInt.asIntN(32, power * square);
    square = BigInt.asIntN(32, square * square);
  }
  return Number(power);
}
