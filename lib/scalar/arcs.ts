/** Arc functions by the polynomials of Cephes (Moshier), with the signs of zero as in IEEE 754. */
import type { Lanes, Num, ScalarFunction } from "./lanes";
import { oddValue } from "./odd";
import { forPrecision, polynomial } from "./polynomial";

const ratio64 = {
  over: [
    -8.750608600031904122785e-1, -1.615753718733365076637e1, -7.50085579231470466734e1,
    -1.22886668449013617341e2, -6.485021904942025371773e1,
  ],
  under: [
    1, 2.485846490142306297962e1, 1.650270098316988542046e2, 4.328810604912902668951e2,
    4.853903996359136964868e2, 1.945506571482613964425e2,
  ],
};

const polynomial32 = [8.05374449538e-2, -1.38776856032e-1, 1.99777106478e-1, -3.33329491539e-1];

/** (atan z − z) / z³ of z², near zero. */
function tail(s: Lanes, square: Num): Num {
  return forPrecision(s, {
    float32: () => polynomial(s, square, polynomial32),
    float64: () => s.div(polynomial(s, square, ratio64.over), polynomial(s, square, ratio64.under)),
  })();
}

/** What π/2 is more than the float64 that is nearest to it. */
const beyond = 6.12323399573676588613e-17;

/** atan of a ratio in [0, ∞]. */
function arc(s: Lanes, x: Num): Num {
  const one = s.lit(1);
  const isSteep = s.lt(s.lit(2.414213562373095), x);
  const isMiddle = s.lt(s.lit(forPrecision(s, { float32: 0.414213562373095, float64: 0.66 })), x);
  const middle = s.div(s.sub(x, one), s.add(x, one));
  const z = s.select(isSteep, s.div(s.lit(-1), x), s.select(isMiddle, middle, x));
  const quarters = (unit: number): Num =>
    s.select(isSteep, s.lit(2 * unit), s.select(isMiddle, s.lit(unit), s.lit(0)));
  const square = s.mul(z, z);
  const near = s.add(s.mul(s.mul(tail(s, square), square), z), z);
  const rest = s.dtype === "float64" ? s.add(near, quarters(beyond / 2)) : near;
  return s.add(quarters(Math.PI / 4), rest);
}

export const atan: ScalarFunction = {
  name: "atan",
  exact: Math.atan,
  body: (s, x: Num) => oddValue(s, x, arc(s, s.abs(x))),
  ulps: { exact: 1, float32: 3, float64: 2 },
};

/** The angle of the point (x, y), in [−π, π]; y comes first. */
export const atan2: ScalarFunction = {
  name: "atan2",
  exact: Math.atan2,
  body: (s, y: Num, x: Num) => {
    const infinity = s.lit(Infinity);
    const both = s.and(s.eq(s.abs(x), infinity), s.eq(s.abs(y), infinity));
    const top = s.select(both, s.lit(1), s.abs(y));
    const bottom = s.select(both, s.lit(1), s.abs(x));
    const right = s.select(s.eq(top, s.lit(0)), s.lit(0), arc(s, s.div(top, bottom)));
    const angle = s.select(s.isNegative(x), s.sub(s.lit(Math.PI), right), right);
    return s.copySign(s.select(s.or(s.isNaN(x), s.isNaN(y)), s.add(x, y), angle), y);
  },
  ulps: { exact: 2, float32: 4, float64: 3 },
};

/** cos α of sin α = x and the other way round. */
const cofunction = (s: Lanes, x: Num): Num => s.sqrt(s.mul(s.sub(s.lit(1), x), s.add(s.lit(1), x)));

/** `y`, but NaN where x lies outside of [−1, 1]. */
const within = (s: Lanes, x: Num, y: Num): Num => s.select(s.le(s.abs(x), s.lit(1)), y, s.lit(NaN));

export const asin: ScalarFunction = {
  name: "asin",
  exact: Math.asin,
  body: (s, x: Num) => oddValue(s, x, within(s, x, arc(s, s.div(s.abs(x), cofunction(s, x))))),
  ulps: { exact: 1, float32: 4, float64: 3 },
};

export const acos: ScalarFunction = {
  name: "acos",
  exact: Math.acos,
  body: (s, x: Num) => {
    const angle = arc(s, s.div(cofunction(s, x), s.abs(x)));
    return within(s, x, s.select(s.lt(x, s.lit(0)), s.sub(s.lit(Math.PI), angle), angle));
  },
  ulps: { exact: 1, float32: 4, float64: 3 },
};
