import type { CriticalPoint } from "../../curvature/verdict";
import type { SpectralDensity } from "../../curvature/density";
import type { Vector } from "../../linalg/vectors";
import type { EstimatedCounts } from "./counts";

/** A layer's own block of the Hessian. */
export interface BlockNumbers {
  readonly name: string;
  readonly size: number;
  /** Of the block; a lower bound where it comes from a few Lanczos steps. NaN where it was not computed. */
  readonly lambdaMax: number;
  readonly trace: number;
}

/** The Gauss–Newton part of the Hessian of a model in two parts. */
export interface GgnNumbers {
  readonly lambdaMax: number;
  readonly trace: number;
  /** ‖G‖F / ‖H‖F. */
  readonly share: number;
  /** ‖H − G‖F / ‖H‖F: what the Gauss–Newton matrix leaves out. */
  readonly rest: number;
}

/** What is known of a Hessian; NaN where it is not known. */
export interface HessianNumbers extends EstimatedCounts {
  /** Number of parameters. */
  readonly n: number;
  readonly loss: number;
  readonly gradNorm: number;
  readonly kind: CriticalPoint;
  /** Why, in a sentence. */
  readonly reason: string;
  /** Eigenvalues below −tolerance; where not all are known, of those found. */
  readonly index: number;
  readonly lambdaMax: number;
  readonly lambdaMin: number;
  /** |λ| up to this counts as zero. */
  readonly tolerance: number;
  /** max |λ| / min |λ|; NaN where only the ends are known, and they do not tell. */
  readonly kappa: number;
  readonly kappaAtLeast: number;
  /** The same over |λ| > tolerance. */
  readonly effectiveKappa: number;
  readonly effectiveAtLeast: number;
  readonly trace: number;
  readonly traceStandardError: number;
  readonly frobenius: number;
  /** 2/λmax: where gradient descent breaks. */
  readonly maxLearningRate: number;
  /** 2/(λmax + λmin), the best constant step on a convex quadratic. */
  readonly bestLearningRate: number;
  /** (κ − 1)/(κ + 1), at which the error then falls each step. */
  readonly rate: number;
  /** Ascending: all, or those found at both ends. */
  readonly eigenvalues: readonly number[];
  readonly residuals: readonly number[];
  readonly blocks: readonly BlockNumbers[];
  readonly ggn: GgnNumbers | undefined;
  readonly density: SpectralDensity | undefined;
  readonly symmetryError: number;
  readonly converged: boolean;
  /** Hessian-vector products spent. */
  readonly matvecs: number;
  readonly seed: number;
  readonly samples: number;
  readonly exact: boolean;
  readonly precision: "float64" | "float32";
}

/** Directions in which a report looks at the loss, unit vectors. */
export interface Directions {
  readonly gradient: Vector;
  readonly vMax: Vector | undefined;
  readonly vMin: Vector | undefined;
  /** The Hessian, where it is small enough to be shown. */
  readonly rows: readonly (readonly number[])[] | undefined;
}

/** The group of each leaf: its layer, the path without its last part; leaves of a flat tree stand for themselves. */
export function blockNames(paths: readonly string[]): string[] {
  return paths.map((path) => {
    const cut = path.lastIndexOf(".");
    return cut < 0 ? path || "x" : path.slice(0, cut);
  });
}

/** Where each block's parameters lie in the flat vector. */
export function blockRanges(
  names: readonly string[],
  sizes: readonly number[],
): { name: string; size: number; ranges: [number, number][] }[] {
  const blocks = new Map<string, [number, number][]>();
  let start = 0;
  names.forEach((name, i) => {
    const range: [number, number] = [start, start + sizes[i]];
    blocks.set(name, [...(blocks.get(name) ?? []), range]);
    start += sizes[i];
  });
  return [...blocks].map(([name, ranges]) => ({
    name,
    ranges,
    size: ranges.reduce((n, [from, to]) => n + to - from, 0),
  }));
}
