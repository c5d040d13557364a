/**
 * Sine, cosine and tangent: an angle is brought to its nearest quarter turn, whatever its size; then follow the polynomials
 * of Cephes (Moshier) in float32 and of fdlibm in float64.
 */
import type { Lanes, Mask, Num, ScalarFunction } from "./lanes";
import { forPrecision, polynomial, type ByPrecision } from "./polynomial";

/** The rest from the nearest quarter turn, within ±π/4, and which quarter that is modulo 4. */
interface Turn {
  readonly rest: Num;
  readonly quarter: Num;
}

interface Reduction {
  /** π/2 in parts whose products with whole numbers below `limit · 2/π` are exact, and the rest. */
  readonly parts: readonly number[];
  /** Angles from here on are reduced by the bits of 2/π. */
  readonly limit: number;
}

const reductions: ByPrecision<Reduction> = {
  float32: {
    parts: [1.5703125, 4.8375129699707031e-4, 7.5495336204767227e-8, 2.5633440682570896e-12],
    limit: 4096,
  },
  float64: {
    parts: [
      1.57079632673412561417, 6.0771005063039659767e-11, 2.0222662487111664558e-21,
      8.47842766036889956997e-32,
    ],
    limit: 2 ** 20,
  },
};

/** The bits of 2/π after the point, as a hexadecimal number: as many as the largest float64 reaches, and its digits. */
const twoOverPi =
  "a2f9836e4e441529fc2757d1f534ddc0db6295993c439041fe5163abdebbc561b7246e3a424dd2e006492eea09d1921cfe1deb" +
  "1cb129a73ee88235f52ebb4484e99c7026b45f7e413991d639835339f49c845f8bbdf9283b1ff897ffde05980fef2f118b5a0a" +
  "6d1f6d367ecf27cb09b74f463f669e5fea2d7527bac7ebe5f17b3d0739f78a5292ea6bfb5fb11f8d5d0856033046fc7b6babf0" +
  "cfbc209af4361da9e391615ee61b086599855f14a068408dffd8804d73273106061556ca73a8c960e27bc08c6b";

/** Those of float32: behind 34 zeros, in words. */
const words32 = [
  0x00000000, 0x28be60db, 0x9391054a, 0x7f09d5f4, 0x7d4d3770, 0x36d8a566, 0x4f10e410, 0x7f9458ea,
];

/** a · b of uint32s, its lower and its upper word. */
function product(w: Lanes, a: Num, b: Num): { low: Num; high: Num } {
  const lower = (x: Num): Num => w.and(x, w.lit(0xffff));
  const upper = (x: Num): Num => w.shr(x, w.lit(16));
  const low = w.mul(lower(a), lower(b));
  const across = w.add(w.mul(upper(a), lower(b)), upper(low));
  const middle = w.add(w.mul(lower(a), upper(b)), lower(across));
  return { low: w.mul(a, b), high: w.add(w.add(w.mul(upper(a), upper(b)), upper(across)), upper(middle)) };
}

/**
 * Payne and Hanek, "Radian reduction for trigonometric functions", 1983, of float32: in whole numbers, only those bits of
 * 2/π that move the angle within a turn.
 */
function largeTurn32(s: Lanes, x: Num): Turn {
  const w = s.words;
  const one = w.lit(1);
  const bits = s.bits(x);
  const digits = w.or(w.shl(bits, w.lit(8)), w.lit(0x80000000));
  const exponent = w.sub(w.shr(bits, w.lit(23)), w.lit(126));
  const word = w.shr(exponent, w.lit(5));
  const shift = w.and(exponent, w.lit(31));
  const behind = w.sub(w.lit(31), shift);
  const entries = [0, 1, 2, 3].map((k) => w.table(words32, w.add(word, w.lit(k))));
  const [upper, middle, lower] = [0, 1, 2].map((k) =>
    w.or(w.shl(entries[k], shift), w.shr(w.shr(entries[k + 1], one), behind)),
  );
  const carried = product(w, digits, lower).high;
  const main = product(w, digits, middle);
  const low = w.add(main.low, carried);
  const carry = w.select(w.lt(low, carried), one, w.lit(0));
  const high = w.add(w.add(main.high, carry), w.mul(digits, upper));
  // Turns in quarters: two bits before the point, the fraction behind it, taken to the nearest whole.
  const fraction = w.or(w.shl(high, w.lit(2)), w.shr(low, w.lit(30)));
  const past = w.le(w.lit(0x80000000), fraction);
  const flip = w.select(past, w.lit(0xffffffff), w.lit(0));
  const top = w.convert(w.xor(fraction, flip), "float32");
  const rest = w.convert(w.xor(w.shl(low, w.lit(2)), flip), "float32");
  const size = s.mul(s.add(top, s.mul(rest, s.lit(2 ** -32))), s.lit(2 ** -32 * (Math.PI / 2)));
  const quarter = w.and(w.add(w.shr(high, w.lit(30)), w.select(past, one, w.lit(0))), w.lit(3));
  return { rest: s.select(past, s.neg(size), size), quarter: w.convert(quarter, "float32") };
}

/** The digits of 2/π to the base 2²⁴, behind two that are zero. */
const digits64 = [0, 0, ...(twoOverPi.match(/.{6}/g) ?? []).map((six) => parseInt(six, 16))];

/** a + b, and what rounding took from it (Knuth). */
function exactSum(s: Lanes, a: Num, b: Num): { sum: Num; lost: Num } {
  const sum = s.add(a, b);
  const own = s.sub(sum, a);
  return { sum, lost: s.add(s.sub(a, s.sub(sum, own)), s.sub(b, own)) };
}

/** The same of float64, in its own numbers (fdlibm's scheme): digits to the base 2²⁴ have exact products. */
function largeTurn64(s: Lanes, x: Num): Turn {
  const base = s.lit(2 ** 24);
  const exponent = s.sub(s.exponent(x), s.lit(23));
  const first = s.max(s.floor(s.div(s.sub(exponent, s.lit(3)), s.lit(24))), s.lit(0));
  const digits: Num[] = [];
  let left = s.mul(x, s.pow2(s.neg(exponent)));
  for (let k = 0; k < 3; k++) {
    digits.push(s.floor(left));
    left = s.mul(s.sub(left, digits[k]), base);
  }
  const entries = Array.from({ length: 9 }, (_, k) => s.table(digits64, s.add(first, s.lit(k))));
  const eighth = s.lit(1 / 8);
  const terms = Array.from({ length: 7 }, (_, i) => {
    const column = [0, 1, 2].map((j) => s.mul(digits[j], entries[i + 2 - j])).reduce((a, b) => s.add(a, b));
    const place = s.mul(s.lit(24), s.add(first, s.lit(i + 1)));
    const scaled = s.mul(column, s.pow2(s.sub(exponent, place)));
    return i > 2 ? scaled : s.sub(scaled, s.mul(s.floor(s.mul(scaled, eighth)), s.lit(8)));
  });
  const [whole, ...fractions] = [s.add(terms[0], terms[1]), ...terms.slice(2)];
  const quarter = s.nearest(s.add(whole, fractions[0]));
  let [rest, lost] = [s.sub(whole, quarter), s.lit(0)];
  for (const fraction of fractions) {
    const next = exactSum(s, rest, fraction);
    [rest, lost] = [next.sum, s.add(lost, next.lost)];
  }
  const small = s.add(s.mul(lost, s.lit(Math.PI / 2)), s.mul(rest, s.lit(6.123233995736766e-17)));
  return { rest: s.add(s.mul(rest, s.lit(Math.PI / 2)), small), quarter: modulo4(s, quarter) };
}

const modulo4 = (s: Lanes, k: Num): Num => s.sub(k, s.mul(s.floor(s.mul(k, s.lit(0.25))), s.lit(4)));

/** Of a size, not below zero. */
function turnOf(s: Lanes, size: Num): Turn {
  const { parts, limit } = forPrecision(s, reductions);
  const k = s.nearest(s.mul(size, s.lit(2 / Math.PI)));
  const near = parts.reduce((rest, part) => s.sub(rest, s.mul(k, s.lit(part))), size);
  const large = forPrecision(s, { float32: largeTurn32, float64: largeTurn64 });
  const [rest, quarter] = s.rarely(
    s.le(s.lit(limit), size),
    () => {
      const turn = large(s, size);
      return [turn.rest, turn.quarter];
    },
    [near, modulo4(s, k)],
  );
  return { rest, quarter };
}

const sines: ByPrecision<readonly number[]> = {
  float32: [-1.9515295891e-4, 8.3321608736e-3, -1.6666654611e-1],
  float64: [
    1.58969099521155010221e-10, -2.50507602534068634195e-8, 2.75573137070700676789e-6,
    -1.98412698298579493134e-4, 8.33333333332248946124e-3, -1.66666666666666324348e-1,
  ],
};

const cosines: ByPrecision<readonly number[]> = {
  float32: [2.443315711809948e-5, -1.388731625493765e-3, 4.166664568298827e-2],
  float64: [
    -1.13596475577881948265e-11, 2.0875723212981748279e-9, -2.75573143513906633035e-7,
    2.48015872894767294178e-5, -1.38888888888741095749e-3, 4.16666666666666019037e-2,
  ],
};

function sineOf(s: Lanes, t: Num): Num {
  const z = s.mul(t, t);
  return s.add(t, s.mul(s.mul(t, z), polynomial(s, z, forPrecision(s, sines))));
}

function cosineOf(s: Lanes, t: Num): Num {
  const z = s.mul(t, t);
  const rest = s.mul(s.mul(z, z), polynomial(s, z, forPrecision(s, cosines)));
  return s.add(s.sub(s.lit(1), s.mul(s.lit(0.5), z)), rest);
}

const isOdd = (s: Lanes, { quarter }: Turn): Mask => s.or(s.eq(quarter, s.lit(1)), s.eq(quarter, s.lit(3)));

/** `y`, but NaN where x is NaN or infinite. */
const ofFinite = (s: Lanes, x: Num, y: Num): Num => {
  const isFinite = s.and(s.not(s.isNaN(x)), s.lt(s.abs(x), s.lit(Infinity)));
  return s.select(isFinite, y, s.lit(NaN));
};

const negativeWhere = (s: Lanes, where: Mask, y: Num): Num => s.select(where, s.neg(y), y);

export const sin: ScalarFunction = {
  name: "sin",
  exact: Math.sin,
  body: (s, x: Num) => {
    const turn = turnOf(s, s.abs(x));
    const y = s.select(isOdd(s, turn), cosineOf(s, turn.rest), sineOf(s, turn.rest));
    const isLower = s.le(s.lit(2), turn.quarter);
    return ofFinite(s, x, negativeWhere(s, s.xor(isLower, s.isNegative(x)), y));
  },
  ulps: { exact: 1, float32: 3, float64: 2 },
};

export const cos: ScalarFunction = {
  name: "cos",
  exact: Math.cos,
  body: (s, x: Num) => {
    const turn = turnOf(s, s.abs(x));
    const y = s.select(isOdd(s, turn), sineOf(s, turn.rest), cosineOf(s, turn.rest));
    const isLeft = s.or(s.eq(turn.quarter, s.lit(1)), s.eq(turn.quarter, s.lit(2)));
    return ofFinite(s, x, negativeWhere(s, isLeft, y));
  },
  ulps: { exact: 1, float32: 3, float64: 2 },
};

export const tan: ScalarFunction = {
  name: "tan",
  exact: Math.tan,
  body: (s, x: Num) => {
    const turn = turnOf(s, s.abs(x));
    const [sine, cosine] = [sineOf(s, turn.rest), cosineOf(s, turn.rest)];
    const odd = isOdd(s, turn);
    const ratio = s.div(s.select(odd, cosine, sine), s.select(odd, sine, cosine));
    return ofFinite(s, x, negativeWhere(s, s.xor(odd, s.isNegative(x)), ratio));
  },
  ulps: { exact: 1, float32: 5, float64: 4 },
};
