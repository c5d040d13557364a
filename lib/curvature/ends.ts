/** Both ends of the spectrum of a Hessian that is too large to be formed. */
import { encloseSpectrum, intersection, type Enclosure } from "../linalg/enclosure";
import {
  findEigenpairs,
  type AllowedResidual,
  type EigenpairSearch,
  type HostEigenpairs,
} from "../linalg/eigenpairs";
import type { Products } from "../linalg/operator";
import { verdictOf, type KnownSpectrum } from "./verdict";

/** What a residual can be brought to, relative to ‖A‖, with products of that roundoff. */
export function defaultTolerance(epsilon: number): number {
  return epsilon < 1e-10 ? 1e-6 : 1e-4;
}

export interface Ends extends HostEigenpairs {
  /** |λ| up to this counts as zero: twice the residual that was sought, or what rounding makes. */
  readonly tolerance: number;
}

/** What a search of both ends is told beside how many eigenpairs to find at each. */
export interface EndsSearch extends Omit<EigenpairSearch, "which" | "allowed"> {
  /** ‖Av − λv‖ to reach, relative to ‖A‖. */
  readonly tol?: number;
  /** |λ| up to this counts as zero. */
  readonly tolerance?: number;
  /** Products that an enclosure may take beside those; 4000, which come to 5e-6 of the spectrum's width, unless given. */
  readonly enclosureSteps?: number;
}

/**
 * The extreme eigenpairs, and an enclosure of the whole spectrum that is narrow enough to tell its signs, where products
 * can tell them: eigenvectors of a dense end may not converge in any time, but bounds of its values do.
 */
export async function endsOf(op: Products, search: EndsSearch): Promise<Ends> {
  const { tol = defaultTolerance(op.epsilon), tolerance: given = Infinity } = search;
  // A value whose sign is asked for has to be known to half of itself, or of what counts as zero.
  const allowed: AllowedResidual = (value, scale) =>
    Math.min(tol * scale, Math.max(given, Math.abs(value)) / 2);
  const found = await findEigenpairs(op, { ...search, which: "BE", allowed });
  const tolerance = search.tolerance ?? 2 * tol * found.scale;
  const isDecided = (enclosure: Enclosure): boolean =>
    verdictOf(knownSpectrum({ ...found, enclosure }, op.size), tolerance, 0, 0).kind !== "unknown";
  if (isDecided(found.enclosure)) return { ...found, tolerance };
  const more = await encloseSpectrum(op, {
    seed: search.seed,
    start: enclosureStart,
    maxSteps: search.enclosureSteps ?? 4000,
    isEnough: (known) => {
      search.callback?.({ ...found, matvecs: op.count });
      return isDecided(intersection(known, found.enclosure));
    },
    signal: search.signal,
  });
  return { ...found, enclosure: intersection(found.enclosure, more), tolerance };
}

/** Of a seed's random vectors, one that no search for eigenpairs starts from. */
const enclosureStart = 0xe0c;

/** The positions of the eigenvalues in ascending order. */
export function ascending({ eigenvalues }: Pick<Ends, "eigenvalues">): number[] {
  return [...eigenvalues.keys()].sort((i, j) => eigenvalues[i] - eigenvalues[j]);
}

/** Of ends as a verdict takes them. */
export function knownSpectrum(
  { eigenvalues, enclosure }: Pick<Ends, "eigenvalues" | "enclosure">,
  size: number,
): KnownSpectrum {
  return { values: [...eigenvalues].sort((a, b) => a - b), enclosure, size };
}
