import { expect } from "chai";
import { cpu, devices, tensor, withDevice, type Device } from "../../../lib";
import { apply, type Node, type Op } from "../../../lib/graph/node";
import { registry } from "../../../lib/ops/registry";
import { numberLanes, numberOf, numberValue } from "../../../lib/scalar/numberLanes";
import type { ScalarFunction } from "../../../lib/scalar/lanes";
import { Tensor } from "../../../lib/tensor";
import { forBothWidths, pairsOf, specialValues, walk, type FloatFormat } from "../../support/binades";
import { composedBounds, type ComposedBound } from "../../support/composedBounds";
import { expectSnapshot } from "../../support/snapshot";
import { formats, trueFunctions, unitsFrom } from "../../support/trueValues";

interface Elementwise {
  readonly op: Op;
  readonly f: ScalarFunction;
}

const elementwise: readonly Elementwise[] = registry.flatMap((op) =>
  op.lowering.kind === "elementwise"
    ? [{ op, f: op.lowering.function({ shape: [], dtype: "float32" }) }]
    : [],
);

/** Tested apart: what they take and give is no float, or depends on more than the operands. */
const ofIntegers = ["bitwiseAnd", "bitwiseOr", "bitwiseXor", "shiftRight", "logicalNot", "where"];
const ofFloats = elementwise.filter(
  ({ f }) => !ofIntegers.includes(f.name) && !/^threefry|^to_/.test(f.name),
);
const ofTwo = ofFloats.filter(({ f }) => f.exact.length === 2);
const ofOne = ofFloats.filter(({ f }) => f.exact.length === 1);

/** What is found of two zeros is open. */
const isOpen = (name: string, args: readonly number[]): boolean =>
  name.endsWith("imum") && args.every((x) => x === 0);

/**
 * How far `found` is from `wanted`, in its units of the last place. What is denormal, or beyond the greatest number, has no
 * digits to be right to: the first may be anything from 0 to the least normal number of its sign, the second infinite.
 */
function unitsApart(found: number, wanted: number, format: FloatFormat): number {
  const { digits, least } = formats[format];
  if (Object.is(found, wanted)) return 0;
  const smallest = 2 ** least;
  if (Number.isNaN(wanted) || Number.isNaN(found) || Math.abs(wanted) === Infinity) return Infinity;
  if (wanted === 0) return Infinity;
  if (Math.abs(wanted) < smallest) {
    const isBetween =
      Math.abs(found) <= 1.01 * smallest && (found === 0 || Math.sign(found) === Math.sign(wanted));
    return isBetween ? 0 : Infinity;
  }
  const greatest = 2 ** (1 - least) * (2 - 2 ** (1 - digits));
  const unit = 2 ** (Math.floor(Math.log2(Math.abs(wanted))) - digits + 1);
  const held = Math.abs(found) === Infinity ? Math.sign(found) * (greatest + unit) : found;
  if (Math.abs(wanted) > greatest && Math.abs(held) > greatest - unit)
    return Math.sign(found) === Math.sign(wanted) ? 0 : Infinity;
  return Math.abs(held - wanted) / unit;
}

interface Worst {
  units: number;
  text: string;
}

/** The farthest of what is found; `alternatives` gives what else would be right of some arguments. */
function worstOf(
  f: ScalarFunction,
  operands: readonly (readonly number[])[],
  found: ArrayLike<number>,
  format: FloatFormat,
  flushes = false,
): Worst {
  const smallest = 2 ** formats[format].least;
  const flushed = (x: number): number => (Math.abs(x) < smallest ? 0 * x : x);
  const worst: Worst = { units: 0, text: "" };
  for (let i = 0; i < found.length; i++) {
    const args = operands.map((x) => x[i]);
    if (isOpen(f.name, args)) continue;
    let units = unitsApart(found[i], f.exact(...args), format);
    if (flushes && units > f.ulps.float32 && args.some((x) => flushed(x) !== x)) {
      units = Math.min(units, unitsApart(found[i], f.exact(...args.map(flushed)), format));
    }
    if (!(units <= worst.units)) {
      worst.units = units;
      worst.text = `${f.name}(${args.join()}) is ${found[i]}, ${f.exact(...args)} is wanted`;
    }
  }
  return worst;
}

const everywhere = {
  float32: [...specialValues("float32"), ...walk("float32", { every: 1, each: 12, everyInside: 1 })],
  float64: [...specialValues("float64"), ...walk("float64", { every: 3, each: 2, everyInside: 1 })],
};

/** All pairs of special values, many of any others, and for powers those that come to numbers. */
function pairs(format: FloatFormat): [number[], number[]] {
  const special = specialValues(format);
  const all = special.flatMap((a) => special.map((b) => [a, b] as const));
  const [left, right] = pairsOf(everywhere[format], 6000);
  const { digits, least } = formats[format];
  const round = format === "float32" ? Math.fround : (x: number) => x;
  const powers = Array.from({ length: 3000 }, (_, i) => {
    const [u, v, w] = [0.6180339887, 0.7548776662, 0.5698402909].map((share) => (i * share) % 1);
    const near = round(1 + (u - 0.5) * 2 ** ((3 - digits) * v));
    const anywhere = round((1 + u) * 2 ** Math.floor((2 * v - 1) * (-least - 2)));
    const base = i % 2 === 0 ? near : anywhere;
    const most = -least / (Math.abs(Math.log2(base)) || 1e-7);
    return [base, round((w - 0.5) * 2 * most)] as const;
  });
  const ratios = everywhere[format].slice(0, 3000).map((x, i) => [round(x * (1 + i / 1500)), x] as const);
  const chosen = [...all, ...powers, ...ratios];
  return [
    [...left, ...chosen.map(([a]) => a)],
    [...right, ...chosen.map(([, b]) => b)],
  ];
}

const operands = {
  float32: { 1: [everywhere.float32], 2: pairs("float32") },
  float64: { 1: [everywhere.float64], 2: pairs("float64") },
} as const;

const operandsOf = (f: ScalarFunction, format: FloatFormat): readonly number[][] =>
  operands[format][f.exact.length as 1 | 2];

function byNumberLanes(f: ScalarFunction, format: FloatFormat, given: readonly number[][]): Float64Array {
  const lanes = numberLanes(format);
  return Float64Array.from(given[0], (_, i) => {
    const args = given.map((x) => numberValue(x[i], format));
    return numberOf(f.body(lanes, ...(args as never[])));
  });
}

async function onDevice(device: Device, op: Op, given: readonly number[][]): Promise<ArrayLike<number>> {
  const nodes = withDevice(device, () => given.map((x): Node => tensor(Float64Array.from(x)).node));
  return new Tensor(apply(op, nodes)).data();
}

/** Where `trueFunctions` says what is true: neither infinite nor beyond the domain, and with digits. */
function hasTruth(wanted: number): boolean {
  return Number.isFinite(wanted) && Math.abs(wanted) > 2 ** -1021;
}

const sparse = walk("float64", { every: 31, each: 1, everyInside: 2 }).filter((_, i) => i % 3 === 0);
const sparsePairs = pairs("float64").map((x) => x.filter((_, i) => i % 23 === 0));

describe("scalar functions", () => {
  let gpu: Device;
  before(async () => ([gpu] = await devices()));

  it("have names of their own, and bounds", () => {
    const names = elementwise.map(({ f }) => f.name).filter((name) => !name.startsWith("to_"));
    expect(new Set(names).size).to.equal(names.length);
    for (const { f } of elementwise) expect(f.ulps.float32, f.name).to.be.within(0.5, 5);
  });

  for (const { f, op } of [...ofOne, ...ofTwo]) {
    const { exact, float32, float64 } = f.ulps;

    describe(f.name, () => {
      it(`is right to ${float32} units in float32, at numbers of every size and at special ones`, () => {
        const given = operandsOf(f, "float32");
        const { units, text } = worstOf(f, given, byNumberLanes(f, "float32", given), "float32");
        expect(units, text).to.be.at.most(float32);
      });

      it("is so on the device, which may take denormals for zero", async () => {
        for (const given of forBothWidths(operandsOf(f, "float32"))) {
          const { units, text } = worstOf(f, given, await onDevice(gpu, op, given), "float32", true);
          expect(units, text).to.be.at.most(float32);
        }
      });

      it("is on cpu what its exact function says", async () => {
        const given = operandsOf(f, "float64");
        const found = await onDevice(cpu, op, given);
        given[0].forEach((_, i) => {
          const args = given.map((x) => x[i]);
          expect(Object.is(found[i], f.exact(...args)), `${f.name}(${args.join()})`).to.equal(true);
        });
      });

      const truth = Object.hasOwn(trueFunctions, f.name) ? trueFunctions[f.name] : undefined;
      if (truth) {
        it(`has an exact function that is right to ${exact} units in float64`, () => {
          const given = f.exact.length === 1 ? [sparse] : sparsePairs;
          let worst = { units: 0, text: "" };
          given[0].forEach((_, i) => {
            const args = given.map((x) => x[i]);
            const found = f.exact(...args);
            if (!hasTruth(found) || args.some((x) => !Number.isFinite(x) || x === 0)) return;
            const units = unitsFrom(found, truth(...args), formats.float64);
            if (units > worst.units) worst = { units, text: `${f.name}(${args.join()}) is ${found}` };
          });
          expect(worst.units, worst.text).to.be.at.most(exact);
        });
      }

      if (float64 !== undefined) {
        it(`is right to ${float64} units in float64, at numbers of every size and at special ones`, () => {
          const given = operandsOf(f, "float64");
          const { units, text } = worstOf(f, given, byNumberLanes(f, "float64", given), "float64");
          // What it is compared with may itself be off.
          expect(units, text).to.be.at.most(float64 + (truth ? exact : 0));
        });
      }
    });
  }

  it("are so within one kernel with others, whatever its compiler knows of their arguments", async () => {
    const x = Float64Array.from({ length: 63 }, (_, i) => Math.fround(0.2 * i - 6));
    const others = ["sin", "exp"].map((name) => ofOne.find(({ f }) => f.name === name)!.op);
    const of = (device: Device, op: Op): Promise<ArrayLike<number>> => {
      const node = withDevice(device, () => tensor(x).node);
      return new Tensor([...others, op].reduce((y, o) => apply(o, [y]), node)).data();
    };
    for (const { f, op } of ofOne.filter(
      ({ f }) => !["isNaN", "tan", "floor", "ceil", "round"].includes(f.name),
    )) {
      const [found, wanted] = [await of(gpu, op), await of(cpu, op)];
      for (let i = 0; i < x.length; i++) {
        const off = Math.abs(found[i] - wanted[i]) / Math.max(1, Math.abs(wanted[i]));
        const isSame = Object.is(found[i], wanted[i]) || off < 1e-4;
        expect(isSame, `${f.name}(exp(sin(${x[i]}))) is ${found[i]}, ${wanted[i]} is wanted`).to.equal(true);
      }
    }
  });

  it("have bounds that the documentation knows", () => {
    expectSnapshot("../../docs/accuracy.md", documentation());
  });
});

const digits = (units: number | undefined): string => (units === undefined ? "–" : String(units));

function table(rows: readonly (readonly string[])[]): string[] {
  const widths = rows[0].map((_, k) => Math.max(...rows.map((row) => row[k].length)));
  const line = (row: readonly string[]): string =>
    `| ${row.map((x, k) => x.padEnd(widths[k])).join(" | ")} |`;
  return [line(rows[0]), `| ${widths.map((w) => "-".repeat(w)).join(" | ")} |`, ...rows.slice(1).map(line)];
}

function documentation(): string {
  const functions = [...ofOne, ...ofTwo]
    .map(({ f: { name, ulps } }) => [name, digits(ulps.float32), digits(ulps.exact), digits(ulps.float64)])
    .sort(([a], [b]) => (a < b ? -1 : 1));
  const composed = Object.entries<ComposedBound>(composedBounds).map(([name, { ulps, from }]) => [
    name,
    String(ulps),
    from === undefined ? "everywhere" : `above ${from}`,
  ]);
  return [
    "# How right elementwise functions are",
    "",
    "The most by which a result may differ from the true value, in units in the last place of the true value: half a unit is",
    "what rounding takes. `test/lib/scalar/bounds.test.ts` writes this page and holds each function to it, at numbers of every",
    "binade and of both signs, beside the numbers where formulas change, and at ±0, ±∞, NaN, denormals and the greatest numbers.",
    "",
    ...table([["function", "float32", "float64 on cpu", "float64, compiled"], ...functions]),
    "",
    "- float32 is what a GPU computes. The bound holds where a driver rounds +, −, × and ÷ as IEEE 754 says; WGSL lets it be off",
    "  by 2.5 units in ÷. The tests run on Mesa's software Vulkan.",
    "- float64 on `cpu` is compared with whole-number arithmetic of 1,400 bits, whose formulas are others.",
    "- float64, compiled, is what the instructions of a function come to in float64; – where they have only float32's digits.",
    "- At NaN, ±∞, ±0 and the edges of its domain a result is that of IEEE 754 and of JavaScript's Math, the sign of zero too;",
    "  which of two zeros `maximum` and `minimum` take is open.",
    "- Where the true value is denormal, a result may be any number from zero to the least normal one, of the same sign. On a GPU",
    "  a denormal argument may count as zero.",
    "- Sums, means, products of matrices and the like have no such bound: their errors grow with how much cancels.",
    "",
    "Functions that are made of several, in float32:",
    "",
    ...table([["function", "float32", "where"], ...composed]),
    "",
  ].join("\n");
}
