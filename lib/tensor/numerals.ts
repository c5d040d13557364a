/** Numbers in columns, with the digits that NumPy gives them (but where they end, halves go up and not to even). */
import { isFloat, type DType, type FloatType } from "../util/dtypes";
import { fromHalf, toHalf } from "../util/half";

/** Digits after the point, at most: NumPy's `precision`. */
const precision = 8;
/** From here on numbers are written with an exponent: where a dtype no longer knows each whole number, or before. */
const large = { float16: 1e3, float32: 1e6, float64: 1e8 };

/** How to write each of `values`, all to one width. */
export function column(values: readonly number[], dtype: DType): (v: number) => string {
  const format = isFloat(dtype) ? floatFormat(values, dtype) : dtype === "bool" ? truth : String;
  const width = Math.max(0, ...values.map((v) => format(v).length));
  return (v) => format(v).padStart(width);
}

/** One number by itself: as many digits as tell it from its neighbours. */
export function numeral(v: number, dtype: DType): string {
  if (!isFloat(dtype)) return dtype === "bool" ? truth(v) : String(v);
  if (!Number.isFinite(v)) return nonFinite(v);
  const size = Math.abs(v);
  if (size !== 0 && (size < 1e-4 || size >= 1e16)) return scientific(shortest(v, dtype));
  const text = positional(v, dtype, Infinity);
  return text.endsWith(".") ? `${text}0` : text;
}

function floatFormat(values: readonly number[], dtype: FloatType): (v: number) => string {
  const finite = values.filter(Number.isFinite);
  const write = needsExponent(finite, large[dtype]) ? exponential(finite, dtype) : aligned(finite, dtype);
  return (v) => (Number.isFinite(v) ? write(v) : nonFinite(v));
}

function needsExponent(finite: readonly number[], limit: number): boolean {
  const sizes = finite.filter((v) => v !== 0).map(Math.abs);
  if (sizes.length === 0) return false;
  const [low, high] = [Math.min(...sizes), Math.max(...sizes)];
  return high >= limit || low < 1e-4 || high / low > 1000;
}

/** The points stand below each other. */
function aligned(finite: readonly number[], dtype: FloatType): (v: number) => string {
  const fraction = (text: string): number => text.length - text.indexOf(".");
  const widest = Math.max(0, ...finite.map((v) => fraction(positional(v, dtype, precision))));
  return (v) => {
    const text = positional(v, dtype, precision);
    return text + " ".repeat(Math.max(0, widest - fraction(text)));
  };
}

function exponential(finite: readonly number[], dtype: FloatType): (v: number) => string {
  const places = finite.map((v) => Math.min(precision, mantissaPlaces(shortest(v, dtype))));
  const digits = Math.max(0, ...places);
  return (v) => {
    const text = scientific(v.toExponential(digits), digits === 0 ? "." : "");
    return Object.is(v, -0) ? `-${text}` : text;
  };
}

/** Without an exponent, with a point: "1.", "0.25". */
function positional(v: number, dtype: FloatType, most: number): string {
  const text = shortest(v, dtype);
  const places = Math.max(0, mantissaPlaces(text) - Number(text.slice(text.indexOf("e") + 1)));
  const size = places > most ? Math.abs(v) : Math.abs(Number(text));
  const digits = size.toFixed(Math.min(places, most));
  const pointed = digits.includes(".") ? digits.replace(/0+$/, "") : `${digits}.`;
  return v < 0 || Object.is(v, -0) ? `-${pointed}` : pointed;
}

/** The fewest digits from which `dtype` reads the same number back, as toExponential writes them. */
function shortest(v: number, dtype: FloatType): string {
  if (dtype === "float64") return v.toExponential();
  const stored = dtype === "float16" ? (x: number) => fromHalf(toHalf(x)) : Math.fround;
  for (let places = 0; places < 9; places++) {
    const text = v.toExponential(places);
    if (stored(Number(text)) === v) return text;
  }
  return v.toExponential();
}

function mantissaPlaces(text: string): number {
  return Math.max(0, text.replace("-", "").indexOf("e") - 2);
}

/** Two digits of exponent at least; `point` goes before the "e". */
function scientific(text: string, point = ""): string {
  return text.replace(
    /e([+-])(\d+)$/,
    (_, sign: string, digits: string) => `${point}e${sign}${digits.padStart(2, "0")}`,
  );
}

function truth(v: number): string {
  return v ? "true" : "false";
}

function nonFinite(v: number): string {
  return Number.isNaN(v) ? "nan" : v > 0 ? "inf" : "-inf";
}
