import { randomVector, symmetricProductsOf, type LinearOperator } from "../linalg/operator";
import { tridiagonalize } from "../linalg/lanczos";
import type { Tensor } from "../tensor/tensor";
import { checkPositive, checkSeed, checkWhole } from "../util/checks";
import { checkOptions } from "../util/errors";

export interface DensityOptions {
  /** Random starts, whose spread gives the error; 10 unless given. */
  readonly samples?: number;
  /** Lanczos steps from each; 80 unless given. */
  readonly steps?: number;
  /** Where the density is given; 400 points unless given. */
  readonly points?: number;
  /** Standard deviation of the Gaussian that stands for an eigenvalue; 1% of the spectrum's width unless given. */
  readonly width?: number;
  /** 0 unless given. */
  readonly seed?: number;
  /** Ends with the starts that are finished. */
  readonly signal?: AbortSignal;
  /** Called after each start with how many are finished. */
  readonly callback?: (finished: number) => void;
}

export interface SpectralDensity {
  /** Eigenvalues, ascending and evenly spaced. */
  readonly grid: number[];
  /** The density there; it integrates to 1. */
  readonly density: number[];
  /** Its standard error over the random starts; NaN for one start. */
  readonly standardError: number[];
  readonly width: number;
  /** Ritz values of each start and their weights: the quadrature itself. */
  readonly nodes: number[][];
  readonly weights: number[][];
  /** ‖Ay − θy‖ of each node: an eigenvalue lies that near. */
  readonly residuals: number[][];
  readonly matvecs: number;
}

/**
 * The density of eigenvalues of a symmetric operator by stochastic Lanczos quadrature (Ubaru, Chen and Saad 2017; Ghorbani,
 * Krishnan and Xiao 2019), smoothed by a Gaussian. Holds `steps` · n numbers.
 */
export async function spectralDensity(
  op: LinearOperator | Tensor,
  options: DensityOptions = {},
): Promise<SpectralDensity> {
  checkOptions("spectralDensity", options, [
    "samples",
    "steps",
    "points",
    "width",
    "seed",
    "signal",
    "callback",
  ]);
  const products = await symmetricProductsOf("spectralDensity", op);
  const samples = checkWhole("spectralDensity", "samples", options.samples ?? 10, 1);
  const steps = checkWhole("spectralDensity", "steps", options.steps ?? 80, 1);
  const points = checkWhole("spectralDensity", "points", options.points ?? 400, 2);
  const seed = checkSeed("spectralDensity", options.seed ?? 0);
  const nodes: number[][] = [];
  const weights: number[][] = [];
  const residuals: number[][] = [];
  for (let i = 0; i < samples && !(options.signal?.aborted === true && nodes.length > 0); i++) {
    const start = await randomVector(products, seed, i);
    const { ritz } = await tridiagonalize(products, start, steps, options.signal);
    nodes.push([...ritz.values]);
    weights.push(ritz.weights);
    residuals.push([...ritz.residuals]);
    options.callback?.(nodes.length);
  }
  const [least, greatest] = [Math.min(...nodes.flat()), Math.max(...nodes.flat())];
  const reach = greatest > least ? greatest - least : Math.abs(greatest) || 1;
  const width =
    options.width === undefined ? reach / 100 : checkPositive("spectralDensity", "width", options.width);
  const [from, to] = [least - 4 * width, greatest + 4 * width];
  const grid = Array.from({ length: points }, (_, i) => from + ((to - from) * i) / (points - 1));
  const curve = smoothed(grid, nodes, weights, width);
  return { grid, ...curve, width, nodes, weights, residuals, matvecs: products.count };
}

/** Mean and standard error over the starts of Σ w · N(x; θ, width²). */
function smoothed(
  grid: readonly number[],
  nodes: readonly (readonly number[])[],
  weights: readonly (readonly number[])[],
  width: number,
): { density: number[]; standardError: number[] } {
  const peak = 1 / (width * Math.sqrt(2 * Math.PI));
  const curves = nodes.map((thetas, run) =>
    grid.map((x) =>
      thetas.reduce(
        (sum, theta, i) => sum + weights[run][i] * peak * Math.exp(-0.5 * ((x - theta) / width) ** 2),
        0,
      ),
    ),
  );
  const count = curves.length;
  const density = grid.map((_, i) => curves.reduce((sum, curve) => sum + curve[i], 0) / count);
  const standardError = grid.map((_, i) => {
    const squares = curves.reduce((sum, curve) => sum + (curve[i] - density[i]) ** 2, 0);
    return Math.sqrt(squares / (count - 1) / count);
  });
  return { density, standardError };
}
