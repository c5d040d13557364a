/**
 * Functions to some 150 digits and more, in whole numbers: 1 is `one`. Each is found by another way than the library goes, so
 * that the two do not agree by mistake.
 */

/** Enough that a result as small as float64's least keeps a hundred digits. */
const places = 1400n;
const one = 1n << places;

/** A number that is known to about 300 bits: `digits` · 2^-1400, or one that is none of these. */
type Real = bigint;

const double = new Float64Array(1);
const bits = new BigUint64Array(double.buffer);

/** A float64 as it is. */
function real(x: number): Real {
  double[0] = Math.abs(x);
  const exponent = bits[0] >> 52n;
  const digits = exponent === 0n ? bits[0] : (bits[0] & 0xfffffffffffffn) | 0x10000000000000n;
  const shift = (exponent === 0n ? 1n : exponent) - 1075n + places;
  const size = shift >= 0n ? digits << shift : digits >> -shift;
  return x < 0 ? -size : size;
}

const times = (a: Real, b: Real): Real => (a * b) >> places;
const over = (a: Real, b: Real): Real => (a << places) / b;
const size = (x: Real): Real => (x < 0n ? -x : x);
const length = (x: bigint): number => x.toString(16).length * 4;

function root(x: Real): Real {
  if (x === 0n) return 0n;
  const square = x << places;
  let guess = 1n << BigInt(length(square) / 2 + 2);
  for (;;) {
    const next = (guess + square / guess) >> 1n;
    if (next >= guess) return guess;
    guess = next;
  }
}

/** artanh(1/n) or atan(1/n). */
function arcOfInverse(n: bigint, sign: bigint): Real {
  let [sum, power] = [0n, one / n];
  for (let k = 1n; power !== 0n; k += 2n) {
    sum += (k % 4n === 3n ? sign : 1n) * (power / k);
    power /= n * n;
  }
  return sum;
}

const ln2 = 2n * arcOfInverse(3n, 1n);
/** Machin 1706. */
const pi = 4n * (4n * arcOfInverse(5n, -1n) - arcOfInverse(239n, -1n));

/** The sum of terms that begin with `first`, each made of that before it. */
function series(first: Real, next: (term: Real, k: bigint) => Real): Real {
  let [sum, term] = [first, first];
  for (let k = 1n; term !== 0n && term !== -1n; k++) sum += term = next(term, k);
  return sum;
}

function exp(x: Real): Real {
  const n = (x + ln2 / 2n) / ln2 - (x + ln2 / 2n < 0n ? 1n : 0n);
  const t = (x - n * ln2) >> 8n;
  let y = series(one, (term, k) => times(term, t) / k);
  for (let k = 0; k < 8; k++) y = times(y, y);
  return n >= 0n ? y << n : y >> -n;
}

/** By Newton's method for the inverse of `exp`, from 53 digits. */
function log(x: Real): Real {
  const shift = BigInt(length(x)) - places;
  const m = shift >= 0n ? x >> shift : x << -shift;
  let y = real(Math.log(Number(m >> (places - 60n)) / 2 ** 60));
  for (let k = 0; k < 5; k++) {
    const e = exp(y);
    y += 2n * over(m - e, m + e);
  }
  return y + shift * ln2;
}

/** (sin x, cos x). */
function turn(x: Real): readonly [Real, Real] {
  const quarter = pi / 2n;
  const k = (x + quarter / 2n) / quarter - (x + quarter / 2n < 0n ? 1n : 0n);
  const t = x - k * quarter;
  const square = times(t, t);
  const sine = series(t, (term, j) => -times(term, square) / (2n * j * (2n * j + 1n)));
  const cosine = series(one, (term, j) => -times(term, square) / ((2n * j - 1n) * 2n * j));
  const turned = [
    [sine, cosine],
    [cosine, -sine],
    [-sine, -cosine],
    [-cosine, sine],
  ] as const;
  return turned[Number(((k % 4n) + 4n) % 4n)];
}

/** atan(y / x) of x above zero, the argument halved three times (tan α/2 = tan α / (1 + √(1 + tan² α))). */
function arc(y: Real, x: Real): Real {
  if (size(y) > x) return (y < 0n ? -1n : 1n) * (pi / 2n) - arc(x, size(y)) * (y < 0n ? -1n : 1n);
  let t = over(y, x);
  for (let k = 0; k < 3; k++) t = over(t, one + root(one + times(t, t)));
  const square = times(t, t);
  let [sum, power] = [0n, t];
  for (let k = 1n; power !== 0n && power !== -1n; k += 2n) {
    sum += power / k;
    power = -times(power, square);
  }
  return 8n * sum;
}

/** DLMF 7.6.2, whose terms are all of one sign. */
function erf(x: Real): Real {
  if (size(x) > 31n * one) return x < 0n ? -one : one;
  const square = times(x, x);
  const sum = series(x, (term, k) => (2n * times(term, square)) / (2n * k + 1n));
  // Divided by what is large, the sum keeps its digits.
  return over(over(2n * sum, exp(square)), root(pi));
}

/** Newton's method for the inverse of erf, from Winitzki's approximation of 2008. */
function erfinv(x: number): Real {
  const [l, a] = [Math.log1p(-x * x), 0.147];
  const b = 2 / (Math.PI * a) + l / 2;
  const isSmall = Math.abs(x) < 1e-3;
  let y = real(
    isSmall ? (x * Math.sqrt(Math.PI)) / 2 : Math.sign(x) * Math.sqrt(Math.sqrt(b * b - l / a) - b),
  );
  const halfRoot = root(pi) / 2n;
  for (let k = 0; k < 5; k++) y -= times(times(erf(y) - real(x), halfRoot), exp(times(y, y)));
  return y;
}

type Known = (...args: number[]) => Real;

const of =
  (f: (x: Real) => Real): Known =>
  (x) =>
    f(real(x));
const half = (x: Real): Real => x / 2n;

/** Where the true value has digits: the test knows what becomes of infinities, and beyond the domain. */
export const trueFunctions: Readonly<Record<string, Known>> = {
  sqrt: of(root),
  div: (a, b) => over(real(a), real(b)),
  exp: of(exp),
  expm1: of((x) => exp(x) - one),
  sinh: of((x) => half(exp(x) - exp(-x))),
  cosh: of((x) => half(exp(x) + exp(-x))),
  tanh: of((x) => {
    const shrunk = exp(-2n * size(x));
    return (x < 0n ? -1n : 1n) * over(one - shrunk, one + shrunk);
  }),
  sigmoid: of((x) => {
    const shrunk = exp(-size(x));
    return over(x < 0n ? shrunk : one, one + shrunk);
  }),
  log: of(log),
  log1p: of((x) => log(one + x)),
  pow: (x, y) => exp(times(log(real(x)), real(y))),
  sin: of((x) => turn(x)[0]),
  cos: of((x) => turn(x)[1]),
  tan: of((x) => over(...turn(x))),
  atan: of((x) => arc(x, one)),
  atan2: (y, x) => (x < 0 ? arcOfLeft(real(y), real(x)) : arc(real(y), real(x))),
  asin: of((x) => arc(x, root(one - times(x, x)))),
  acos: of((x) => {
    const angle = arc(root(one - times(x, x)), size(x));
    return x < 0n ? pi - angle : angle;
  }),
  erf: of(erf),
  normalCdf: of((x) => half(one + erf(over(x, root(2n * one))))),
  erfinv,
};

function arcOfLeft(y: Real, x: Real): Real {
  const angle = pi - arc(size(y), -x);
  return y < 0n ? -angle : angle;
}

/** A true value as a number: the float64 nearest it. */
export const nearest = (x: Real): number => toNumber(x, 0n);

/** x · 2^(shift − 1400). */
function toNumber(x: Real, shift: bigint): number {
  const digits = BigInt(length(x));
  const drop = digits > 64n ? digits - 64n : 0n;
  // One more bit says whether anything was dropped.
  const kept = (x >> drop) | (x & ((1n << drop) - 1n) ? 1n : 0n);
  const exponent = Number(drop - places + shift);
  const halfway = Math.trunc(exponent / 2);
  return Number(kept) * 2 ** halfway * 2 ** (exponent - halfway);
}

/** How far `found` is from a true value, in units of the last place that this has in a format of so many digits. */
export function unitsFrom(found: number, truth: Real, { digits, least }: Format): number {
  const wanted = nearest(truth);
  const exponent = Math.max(Math.floor(Math.log2(Math.abs(wanted))), least);
  const apart = toNumber(real(found) - truth, BigInt(digits - 1 - exponent));
  return Math.abs(apart);
}

export interface Format {
  /** Of the significand. */
  readonly digits: number;
  /** The exponent of the smallest normal number. */
  readonly least: number;
}

export const formats = {
  float32: { digits: 24, least: -126 },
  float64: { digits: 53, least: -1022 },
} as const;
