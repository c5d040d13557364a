import { expect } from "chai";
import fc from "fast-check";
import { cpu, devices, einsum, tensor, withDevice, type Device, type Tensor } from "../../../lib";
import { expectClose } from "../../support/close";

/** Row-major places of every element of `shape`. */
function places(shape: readonly number[]): number[][] {
  return shape.reduce<number[][]>(
    (all, n) => all.flatMap((at) => Array.from({ length: n }, (_, i) => [...at, i])),
    [[]],
  );
}

const linear = (at: readonly number[], shape: readonly number[]): number =>
  at.reduce((sum, i, d) => sum * shape[d] + i, 0);
const sizeOf = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1);
const values = (shape: readonly number[]): Float64Array =>
  Float64Array.from({ length: sizeOf(shape) }, (_, i) => ((i * 7) % 11) - 5);
const make = (shape: readonly number[]): Tensor => tensor(values(shape), { shape: [...shape] });

const length = fc.integer({ min: 0, max: 4 });
const shapes = fc.array(length, { maxLength: 5 });

/** Two shapes that broadcast, and their common one: axes are dropped from the left or become 1. */
const broadcastable = fc
  .array(fc.tuple(fc.integer({ min: 1, max: 4 }), fc.constantFrom("both", "left", "right")), { maxLength: 5 })
  .chain((axes) =>
    fc.tuple(fc.nat(axes.length), fc.boolean()).map(([drop, dropsLeft]) => {
      const common = axes.map(([n]) => n);
      const left = axes.map(([n, who]) => (who === "right" ? 1 : n));
      const right = axes.map(([n, who]) => (who === "left" ? 1 : n));
      const shorter = dropsLeft ? left : right;
      for (let d = 0; d < drop; d++) common[d] = dropsLeft ? right[d] : left[d];
      return { left, right, common, [dropsLeft ? "left" : "right"]: shorter.slice(drop) };
    }),
  );

const slices = fc
  .array(
    fc.record({
      n: fc.integer({ min: 0, max: 5 }),
      start: fc.integer({ min: -7, max: 7 }),
      end: fc.integer({ min: -7, max: 7 }),
      step: fc.constantFrom(-3, -2, -1, 1, 2, 3),
    }),
    { minLength: 1, maxLength: 3 },
  )
  .filter((axes) => axes.length > 0);

/** The positions that Python's slice takes. */
function pythonSlice(n: number, start: number, end: number, step: number): number[] {
  const clip = (p: number): number => {
    const at = p < 0 ? p + n : p;
    return step > 0 ? Math.max(0, Math.min(n, at)) : Math.max(-1, Math.min(n - 1, at));
  };
  const out: number[] = [];
  for (let i = clip(start); step > 0 ? i < clip(end) : i > clip(end); i += step) out.push(i);
  return out;
}

const letters = ["a", "b", "c", "d"];
const equations = fc
  .record({
    sizes: fc.array(fc.integer({ min: 1, max: 3 }), { minLength: 4, maxLength: 4 }),
    operands: fc.array(fc.array(fc.constantFrom(...letters), { minLength: 1, maxLength: 3 }), {
      minLength: 1,
      maxLength: 3,
    }),
    kept: fc.shuffledSubarray(letters),
  })
  .map(({ sizes, operands, kept }) => ({
    sizes,
    operands,
    output: kept.filter((l) => operands.some((o) => o.includes(l))),
  }));

function naiveEinsum(
  sizes: readonly number[],
  operands: readonly (readonly string[])[],
  output: readonly string[],
): number[] {
  const used = letters.filter((l) => operands.some((o) => o.includes(l)));
  const sizeOfLetter = (l: string): number => sizes[letters.indexOf(l)];
  const outShape = output.map(sizeOfLetter);
  const result = new Array<number>(sizeOf(outShape)).fill(0);
  for (const at of places(used.map(sizeOfLetter))) {
    const place = (labels: readonly string[]): number =>
      linear(
        labels.map((l) => at[used.indexOf(l)]),
        labels.map(sizeOfLetter),
      );
    const product = operands.reduce((p, o) => p * values(o.map(sizeOfLetter))[place(o)], 1);
    result[place(output)] += product;
  }
  return result;
}

describe("shapes, by properties", () => {
  let gpu: Device;
  before(async () => ([gpu] = await devices()));

  /** Many cases in float64, some on the device, where each new shape costs a compilation. */
  async function everywhere<T>(cases: fc.Arbitrary<T>, holds: (value: T) => Promise<void>): Promise<void> {
    for (const [device, numRuns] of [
      [cpu, 150],
      [gpu, 8],
    ] as const) {
      const check = fc.asyncProperty(cases, (value) => withDevice(device, () => holds(value)));
      await fc.assert(check, { numRuns, seed: 42 });
    }
  }

  it("broadcasting repeats axes of length 1 and adds those that are missing", () =>
    everywhere(broadcastable, async ({ left, right, common }) => {
      const sum = make(left).mul(10).add(make(right));
      expect(sum.shape).to.deep.equal(common);
      const read = (shape: number[], at: number[]): number => {
        const own = at.slice(at.length - shape.length).map((i, d) => (shape[d] === 1 ? 0 : i));
        return values(shape)[linear(own, shape)];
      };
      await expectClose(
        sum,
        places(common).map((at) => 10 * read(left, at) + read(right, at)),
        1e-6,
      );
    }));

  it("reshape keeps the elements in order, through any permutation", () =>
    everywhere(fc.tuple(shapes, fc.infiniteStream(fc.nat())), async ([shape, draws]) => {
      const axes = shape.map((_, d) => d);
      for (let d = axes.length - 1; d > 0; d--) {
        const other = (draws.next().value as number) % (d + 1);
        [axes[d], axes[other]] = [axes[other], axes[d]];
      }
      const moved = make(shape).transpose(axes);
      const wanted = places(moved.shape).map((at) => {
        const from = shape.map((_, d) => at[axes.indexOf(d)]);
        return values(shape)[linear(from, shape)];
      });
      await expectClose(moved.reshape([sizeOf(shape)]), wanted, 1e-6);
      await expectClose(
        moved
          .reshape([1, ...moved.shape, 1])
          .squeeze(0)
          .squeeze(-1),
        wanted,
        1e-6,
      );
    }));

  it("slice takes what Python's slices take", () =>
    everywhere(slices, async (axes) => {
      const shape = axes.map((a) => a.n);
      const taken = axes.map(({ n, start, end, step }) => pythonSlice(n, start, end, step));
      const part = make(shape).slice(
        axes.map((a) => a.start),
        axes.map((a) => a.end),
        axes.map((a) => a.step),
      );
      expect(part.shape).to.deep.equal(taken.map((t) => t.length));
      const wanted = places(part.shape).map(
        (at) =>
          values(shape)[
            linear(
              at.map((i, d) => taken[d][i]),
              shape,
            )
          ],
      );
      await expectClose(part, wanted, 1e-6);
    }));

  it("einsum sums products over the letters that the output lacks", () =>
    everywhere(equations, async ({ sizes, operands, output }) => {
      const text = `${operands.map((o) => o.join("")).join(",")}->${output.join("")}`;
      const tensors = operands.map((o) => make(o.map((l) => sizes[letters.indexOf(l)])));
      await expectClose(einsum(text, ...tensors), naiveEinsum(sizes, operands, output), 1e-4);
    }));
});
