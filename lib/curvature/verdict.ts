/** What kind of point it is, from what is known of the gradient and of the Hessian's spectrum. */
import type { Enclosure } from "../linalg/enclosure";
import { sixDigits } from "../viz/values";

export type CriticalPoint = "minimum" | "maximum" | "saddle" | "degenerate" | "not critical" | "unknown";

export interface Verdict {
  readonly kind: CriticalPoint;
  /** How many eigenvalues are below −tolerance; where not all are known, at least. */
  readonly index: number;
  /** Why, in a sentence. */
  readonly reason: string;
}

/** What is known of a spectrum. */
export interface KnownSpectrum {
  /** Eigenvalues, or Ritz values of one space: as many eigenvalues are at least as far out. */
  readonly values: readonly number[];
  /** Of all eigenvalues. */
  readonly enclosure: Enclosure;
  /** How many eigenvalues there are. */
  readonly size: number;
}

/** All eigenvalues, which are their own enclosure. */
export function wholeSpectrum(values: readonly number[]): KnownSpectrum {
  return {
    values,
    size: values.length,
    enclosure: { lower: Math.min(...values), upper: Math.max(...values) },
  };
}

/** The kind of a point of gradient norm `gradNorm` whose Hessian has that spectrum. */
export function verdictOf(
  spectrum: KnownSpectrum,
  tolerance: number,
  gradNorm: number,
  gradTol: number,
): Verdict {
  const index = spectrum.values.filter((v) => v < -tolerance).length;
  if (gradNorm <= gradTol) return { index, ...shapeOf(spectrum, index, tolerance) };
  const reason = `‖g‖ = ${sixDigits(gradNorm)} is above ${sixDigits(gradTol)}: f falls along −g`;
  return { kind: "not critical", index, reason };
}

/** Signs that are found are there; that there are no others has to follow from the enclosure. */
function shapeOf(
  { values, enclosure, size }: KnownSpectrum,
  negative: number,
  tolerance: number,
): Pick<Verdict, "kind" | "reason"> {
  const { lower, upper } = enclosure;
  const positive = values.filter((v) => v > tolerance).length;
  const least = values.length < size ? "at least " : "";
  if (negative > 0 && positive > 0) {
    const falls = `f falls along ${least}${negative}`;
    return { kind: "saddle", reason: `${falls} and rises along ${least}${positive} directions` };
  }
  if (lower > tolerance) return { kind: "minimum", reason: "all eigenvalues are positive" };
  if (upper < -tolerance) return { kind: "maximum", reason: "all eigenvalues are negative" };
  const hasFlat = negative + positive < values.length;
  if (hasFlat && (lower >= -tolerance || upper <= tolerance)) {
    const flat = `${least}${values.length - negative - positive} of ${size} eigenvalues are zero within ${sixDigits(tolerance)}`;
    return { kind: "degenerate", reason: `${flat}: the second derivative does not decide` };
  }
  return {
    kind: "unknown",
    reason: `an end of the spectrum has not converged: all that is known is that it lies from ${sixDigits(lower)} to ${sixDigits(upper)}, and λ counts as zero within ${sixDigits(tolerance)}`,
  };
}

/** The verdict where there is nothing to judge by. */
export function unknownBecause(reason: string): Verdict {
  return { kind: "unknown", index: 0, reason };
}
