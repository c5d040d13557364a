/** Where the whole spectrum of a symmetric operator lies, from a few of its products: what the sign of an end rests on. */
import { randomVector, type Products } from "./operator";
import { addScaled, dot, norm, scale } from "./vectors";

/** An interval that holds every eigenvalue; infinite where that much is not known. */
export interface Enclosure {
  readonly lower: number;
  readonly upper: number;
}

export const everything: Enclosure = { lower: -Infinity, upper: Infinity };

/** The probability that an eigenvalue lies outside, over the random starts. */
const improbable = 1e-6;

/**
 * The enclosure after so many of Lanczos' steps from one random start: of n eigenvalues none lies further out than the
 * extreme Ritz values by ε of the spectrum's width, but with probability 1.648 √n exp(−√ε (2 steps − 1)), however close
 * together they are (Kuczyński and Woźniakowski 1992, theorem 4.2).
 */
export function enclosureAfter(n: number, steps: number, least: number, greatest: number): Enclosure {
  const part = (Math.log((1.648 * Math.sqrt(n)) / improbable) / (2 * steps - 1)) ** 2;
  if (part >= 0.5) return everything;
  const margin = (part * (greatest - least)) / (1 - 2 * part);
  return { lower: least - margin, upper: greatest + margin };
}

/** What lies in both. */
export function intersection(a: Enclosure, b: Enclosure): Enclosure {
  return { lower: Math.max(a.lower, b.lower), upper: Math.min(a.upper, b.upper) };
}

export interface EnclosureSearch {
  readonly seed: number;
  /** Which of a seed's random vectors to start from. */
  readonly start: number;
  readonly maxSteps: number;
  /** Whether what is known is narrow enough. */
  readonly isEnough: (known: Enclosure) => boolean;
  readonly signal?: AbortSignal;
}

/**
 * An enclosure from as many of Lanczos' steps as it takes, or as there may be. No basis is kept, so that thousands of
 * steps cost no more than their products; lost orthogonality repeats Ritz values, but moves no extreme one outward by
 * more than rounding (Paige 1980, Greenbaum 1989).
 */
export async function encloseSpectrum(op: Products, search: EnclosureSearch): Promise<Enclosure> {
  const diagonal: number[] = [];
  const beside: number[] = [];
  let known = everything;
  let nextLook = firstLook;
  let size = 0;
  let previous = op.zeros();
  let current = await randomVector(op, search.seed, search.start);
  scale(current, 1 / norm(current));
  while (search.signal?.aborted !== true) {
    const product = await op.multiply(current);
    if (beside.length > 0) addScaled(product, -beside[beside.length - 1], previous);
    diagonal.push(dot(current, product));
    addScaled(product, -diagonal[diagonal.length - 1], current);
    const beta = norm(product);
    const steps = diagonal.length;
    size = Math.max(size, Math.abs(diagonal[steps - 1]), beta);
    const isInvariant = beta <= roundoffs * op.epsilon * size;
    const isLast = isInvariant || steps === search.maxSteps;
    if (isLast || steps >= nextLook) {
      const { least, greatest } = extremesOfTridiagonal(diagonal, beside);
      const found = isInvariant
        ? { lower: least, upper: greatest }
        : enclosureAfter(op.size, steps, least, greatest);
      known = intersection(known, widened(found, op.epsilon));
      if (isLast || search.isEnough(known)) break;
      nextLook = Math.ceil(steps * 1.25);
    }
    beside.push(beta);
    [previous, current] = [current, scale(product, 1 / beta)];
  }
  return known;
}

const firstLook = 32;
/** Of rounding in a product and in the recurrence. */
const roundoffs = 64;

/** By what rounding may have moved its ends. */
export function widened({ lower, upper }: Enclosure, epsilon: number): Enclosure {
  const rounding = roundoffs * epsilon * Math.max(Math.abs(lower), Math.abs(upper));
  return { lower: lower - rounding, upper: upper + rounding };
}

/** The least and the greatest eigenvalue of a symmetric tridiagonal matrix, to rounding, by bisection. */
export function extremesOfTridiagonal(
  diagonal: readonly number[],
  beside: readonly number[],
): { least: number; greatest: number } {
  const last = diagonal.length - 1;
  const radius = diagonal.map(
    (_, i) => (i > 0 ? Math.abs(beside[i - 1]) : 0) + (i < last ? Math.abs(beside[i]) : 0),
  );
  const low = diagonal.reduce((least, d, i) => Math.min(least, d - radius[i]), Infinity);
  const high = diagonal.reduce((most, d, i) => Math.max(most, d + radius[i]), -Infinity);
  const boundary = (isAbove: (below: number) => boolean): number => {
    let [from, to] = [low, high];
    for (let step = 0; step < bisections; step++) {
      const middle = (from + to) / 2;
      if (isAbove(countBelow(diagonal, beside, middle))) to = middle;
      else from = middle;
    }
    return (from + to) / 2;
  };
  return {
    least: boundary((below) => below > 0),
    greatest: boundary((below) => below === diagonal.length),
  };
}

/** Halvings of the interval: beyond float64's digits. */
const bisections = 60;

/** How many eigenvalues of a tridiagonal matrix are below `shift`: the negative pivots (Golub and Van Loan, §8.4.1). */
function countBelow(diagonal: readonly number[], beside: readonly number[], shift: number): number {
  let count = 0;
  let pivot = 1;
  for (let i = 0; i < diagonal.length; i++) {
    const coupling = i === 0 ? 0 : beside[i - 1] ** 2 / pivot;
    pivot = diagonal[i] - shift - coupling;
    if (pivot === 0) pivot = -Number.MIN_VALUE / Number.EPSILON;
    if (pivot < 0) count++;
  }
  return count;
}
