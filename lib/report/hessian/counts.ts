/** How many eigenvalues of a large Hessian are negative, zero and positive: counted where its ends show them all. */
import type { SpectralDensity } from "../../curvature/density";
import { statistics } from "../../curvature/trace";

/** Counts of λ < −tolerance, |λ| ≤ tolerance, λ > tolerance; NaN where nothing is known. */
export interface SignCounts {
  readonly negative: number;
  readonly zero: number;
  readonly positive: number;
}

export interface EstimatedCounts extends SignCounts {
  /** The standard error of each; 0 of what was counted. */
  readonly countErrors: SignCounts;
}

/** The eigenvalues found at both ends. */
export interface FoundEnds {
  /** Ascending. */
  readonly values: readonly number[];
  /** How many of them are of the lower end, and of the upper. */
  readonly perEnd: number;
  /** Whether there are no others between them and the ends. */
  readonly converged: boolean;
}

interface Estimate {
  readonly count: number;
  readonly error: number;
}

const nothing: Estimate = { count: NaN, error: NaN };

/**
 * All of a sign are known where all eigenvalues are, or the sign's end reaches those of another; else the density tells how
 * many, with its error.
 */
export function countSigns(
  { values, perEnd, converged }: FoundEnds,
  density: SpectralDensity | undefined,
  n: number,
  tolerance: number,
): EstimatedCounts {
  const side = (sign: 1 | -1): Estimate => {
    const outward = (sign === 1 ? values.toReversed() : [...values]).map((v) => sign * v);
    const found = outward.filter((v) => v > tolerance).length;
    const isAll = converged && (values.length === n || outward.slice(0, perEnd).some((v) => v <= tolerance));
    if (isAll) return { count: found, error: 0 };
    if (density === undefined) return nothing;
    const { count, error } = countAbove(density, n, sign, tolerance);
    return { count: Math.min(n, Math.max(found, Math.round(count))), error };
  };
  const [negative, positive] = [side(-1), side(1)];
  const rest = Math.max(0, n - negative.count - positive.count);
  return {
    negative: negative.count,
    zero: rest,
    positive: Math.min(positive.count, n - negative.count),
    countErrors: {
      negative: negative.error,
      zero: Math.hypot(negative.error, positive.error),
      positive: positive.error,
    },
  };
}

/**
 * How many sign · λ are above the tolerance, by the quadrature's weights. Its error is that of the random starts, and of
 * each quadrature: the nodes on either side of the tolerance may belong to the other (Chebyshev, Markov and Stieltjes).
 */
function countAbove(
  { nodes, weights }: SpectralDensity,
  n: number,
  sign: 1 | -1,
  tolerance: number,
): Estimate {
  const runs = nodes.map((thetas, run) => {
    const isIn = thetas.map((theta) => sign * theta > tolerance);
    const share = isIn.reduce((sum, inside, i) => sum + (inside ? weights[run][i] : 0), 0);
    const doubt = isIn.reduce((sum, inside, i) => {
      const isEdge = isIn[i - 1] === !inside || isIn[i + 1] === !inside;
      return sum + (isEdge ? weights[run][i] / 2 : 0);
    }, 0);
    return { share, doubt };
  });
  const { trace: share, standardError } = statistics(
    runs.map((run) => run.share),
    0,
  );
  const doubt = runs.reduce((sum, run) => sum + run.doubt, 0) / runs.length;
  // One start has no spread to tell of.
  const sampling = runs.length > 1 ? standardError : 0;
  return { count: n * share, error: n * Math.hypot(sampling, doubt) };
}
