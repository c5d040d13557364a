/**
 * Vectors of matrix-free methods. They live on the host and are added up in float64, so that the recurrences keep their
 * orthogonality whatever precision the operator has; only products with the operator run on a device.
 */
export type Vector = Float64Array | Float32Array;

export function dot(a: Vector, b: Vector): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i] * b[i];
  return sum;
}

export function norm(a: Vector): number {
  return Math.sqrt(dot(a, a));
}

/** y ← y + factor · x. */
export function addScaled(y: Vector, factor: number, x: Vector): void {
  for (let i = 0; i < y.length; i++) y[i] += factor * x[i];
}

export function scale(x: Vector, factor: number): Vector {
  for (let i = 0; i < x.length; i++) x[i] *= factor;
  return x;
}

/** The inner products of `w` with each vector; four at a time, for memory is what they cost. */
function projections(basis: readonly Vector[], w: Vector): Float64Array {
  const out = new Float64Array(basis.length);
  let j = 0;
  for (; j + 4 <= basis.length; j += 4) {
    const [a, b, c, d] = [basis[j], basis[j + 1], basis[j + 2], basis[j + 3]];
    let [sa, sb, sc, sd] = [0, 0, 0, 0];
    for (let i = 0; i < w.length; i++) {
      const x = w[i];
      sa += a[i] * x;
      sb += b[i] * x;
      sc += c[i] * x;
      sd += d[i] * x;
    }
    out.set([sa, sb, sc, sd], j);
  }
  for (; j < basis.length; j++) out[j] = dot(basis[j], w);
  return out;
}

/** y ← y + Σ factors_j · basis_j. */
export function addCombination(y: Vector, factors: ArrayLike<number>, basis: readonly Vector[]): void {
  let j = 0;
  for (; j + 4 <= basis.length; j += 4) {
    const [a, b, c, d] = [basis[j], basis[j + 1], basis[j + 2], basis[j + 3]];
    const [fa, fb, fc, fd] = [factors[j], factors[j + 1], factors[j + 2], factors[j + 3]];
    for (let i = 0; i < y.length; i++) y[i] += fa * a[i] + fb * b[i] + fc * c[i] + fd * d[i];
  }
  for (; j < basis.length; j++) addScaled(y, factors[j], basis[j]);
}

/**
 * Takes from `w` its part in the span of the orthonormal `basis`, twice, after which rounding has left none of it
 * (Giraud, Langou, Rozložník 2005). Returns the coefficients of that part.
 */
export function orthogonalize(w: Vector, basis: readonly Vector[]): Float64Array {
  const total = new Float64Array(basis.length);
  for (let pass = 0; pass < 2; pass++) {
    const found = projections(basis, w);
    addCombination(
      w,
      found.map((c) => -c),
      basis,
    );
    found.forEach((c, j) => (total[j] += c));
  }
  return total;
}
