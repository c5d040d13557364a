/** Random spectra of every shape that Hessians have, and operators that have them. */
import fc from "fast-check";
import type { linalg } from "../../lib";

export interface Spectrum {
  readonly name: string;
  readonly values: Float64Array;
  readonly dtype: "float64" | "float32";
  readonly seed: number;
}

const bulks = {
  uniform: (u: number, lo: number, hi: number) => lo + (hi - lo) * u,
  "log-uniform": (u: number, lo: number, hi: number) => lo * (hi / lo) ** u,
  "dense at its lower end": (u: number, lo: number, hi: number) => lo + (hi - lo) * u * u,
  "three clusters": (u: number, lo: number, hi: number) =>
    [lo, (lo + hi) / 2, hi][Math.floor(3 * u)] * (1 + 1e-5 * ((3 * u) % 1)),
  "three values": (u: number, lo: number, hi: number) => [lo, hi, 2 * hi][Math.floor(3 * u)],
  "half of it zero": (u: number, lo: number, hi: number) => (u < 0.5 ? 0 : lo + (hi - lo) * (2 * u - 1)),
  normal: (u: number) => Math.log(u / (1 - u)),
};

/** One-sided and two-sided, clustered, multiple, with outliers, of any size of numbers; `most` eigenvalues at most. */
export function spectra(most: number): fc.Arbitrary<Spectrum> {
  return fc
    .record({
      n: fc.integer({ min: 1001, max: most }),
      bulk: fc.constantFrom(...(Object.keys(bulks) as (keyof typeof bulks)[])),
      lo: fc.constantFrom(1e-3, 0.01, 0.1, 1),
      width: fc.constantFrom(0.1, 1, 10),
      outliers: fc.array(fc.tuple(fc.constantFrom(-20, -5, -1, 0.01, 1, 5, 20), fc.nat()), { maxLength: 6 }),
      sign: fc.constantFrom(1, 1, -1),
      scale: fc.constantFrom(1, 1, 1e-12, 1e9),
      dtype: fc.constantFrom("float64" as const, "float32" as const),
      seed: fc.nat(9999),
    })
    .map(({ n, bulk, lo, width, outliers, sign, scale, dtype, seed }) => {
      const values = Float64Array.from({ length: n }, (_, i) => bulks[bulk](scattered(i, n), lo, lo + width));
      for (const [size, place] of outliers) values[place % n] = size * (1 + scattered(place, n) / 3);
      const own = values.map((v) => sign * scale * v);
      return { name: bulk, values: dtype === "float32" ? own.map(Math.fround) : own, dtype, seed };
    });
}

/** Numbers in (0, 1) that fill it evenly, in no order. */
function scattered(i: number, n: number): number {
  return ((i * 0.6180339887498949) % 1) * (1 - 2 / n) + 1 / n;
}

/** The diagonal operator of a spectrum, which every other with it is in another basis. */
export function operatorWith({ values, dtype }: Pick<Spectrum, "values" | "dtype">): linalg.LinearOperator {
  const n = values.length;
  const multiply = <V extends Float64Array | Float32Array>(v: V): Promise<V> => {
    const product = v.slice() as V;
    for (let i = 0; i < n; i++) product[i] *= values[i];
    return Promise.resolve(product);
  };
  const host = { shape: [n, n], dtype, matvec: () => expectNoTensor(), multiply };
  return host;
}

function expectNoTensor(): never {
  throw new Error("the iterations take vectors of the host as they are");
}
