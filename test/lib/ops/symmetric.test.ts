import { expect } from "chai";
import fc from "fast-check";
import { eigenOfSymmetric, eigenvaluesOfSymmetric } from "../../../lib/ops/symmetric";

/** A symmetric n × n matrix whose largest element is `size`. */
const matrices = fc
  .record({ n: fc.integer({ min: 0, max: 12 }), exponent: fc.integer({ min: -300, max: 300 }) })
  .chain(({ n, exponent }) =>
    fc
      .array(fc.double({ min: -1, max: 1, noNaN: true }), { minLength: n * n, maxLength: n * n })
      .map((a) => ({ n, unit: 10 ** exponent, a: symmetric(a, n).map((x) => x * 10 ** exponent) })),
  );

function symmetric(a: readonly number[], n: number): number[] {
  return a.map((_, at) => {
    const [i, j] = [Math.floor(at / n), at % n];
    return i <= j ? a[i * n + j] : a[j * n + i];
  });
}

function dot(n: number, f: (j: number) => number): number {
  return Array.from({ length: n }, (_, j) => f(j)).reduce((sum, x) => sum + x, 0);
}

describe("the symmetric eigenvalue problem", () => {
  it("is solved to rounding, with orthonormal vectors and ascending values, whatever the matrix's scale", () => {
    fc.assert(
      fc.property(matrices, ({ n, unit, a }) => {
        const { values, vectors } = eigenOfSymmetric(a, n);
        for (let i = 0; i < n; i++) {
          for (let row = 0; row < n; row++) {
            const product = dot(n, (j) => (a[row * n + j] / unit) * vectors[i * n + j]);
            expect(product).to.be.closeTo((values[i] / unit) * vectors[i * n + row], 1e-13 * (n + 1));
          }
          for (let other = 0; other <= i; other++) {
            const inner = dot(n, (j) => vectors[i * n + j] * vectors[other * n + j]);
            expect(inner).to.be.closeTo(i === other ? 1 : 0, 1e-13 * (n + 1));
          }
        }
        expect([...values]).to.deep.equal([...values].sort((x, y) => x - y));
      }),
      { seed: 1, numRuns: 200 },
    );
  });

  it("has the same values when the vectors are not wanted", () => {
    fc.assert(
      fc.property(matrices, ({ n, a }) => {
        const unsigned = (values: Float64Array): number[] => Array.from(values, (x) => (x === 0 ? 0 : x));
        expect(unsigned(eigenvaluesOfSymmetric(a, n))).to.deep.equal(unsigned(eigenOfSymmetric(a, n).values));
      }),
      { seed: 2, numRuns: 100 },
    );
  });

  it("finds every copy of a multiple eigenvalue, and those of the Hilbert matrix that double precision can tell", () => {
    const n = 9;
    const ones = Array.from({ length: n * n }, () => 1);
    const { values } = eigenOfSymmetric(ones, n);
    expect(values[n - 1]).to.be.closeTo(n, 1e-14 * n);
    for (let i = 0; i < n - 1; i++) expect(values[i]).to.be.closeTo(0, 1e-14 * n);
    const hilbert = Array.from({ length: 25 }, (_, at) => 1 / (Math.floor(at / 5) + (at % 5) + 1));
    // κ of the 5 × 5 Hilbert matrix (Higham 2002, table 28.1).
    const [least, , , , greatest] = eigenvaluesOfSymmetric(hilbert, 5);
    expect(greatest / least).to.be.closeTo(476607.2502, 0.01);
  });
});
