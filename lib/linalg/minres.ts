import type { Products } from "./operator";
import { addScaled, dot, norm, scale, type Vector } from "./vectors";

/**
 * The x that leaves the least ‖b − Ax‖ in the Krylov space of `b`, by MINRES (Paige and Saunders 1975): for symmetric A,
 * definite or not, where conjugate gradients may divide by zero. It ends at a residual of `target`, where the space is
 * exhausted, or after `maxIterations` products.
 */
export async function minimalResidual(
  op: Products,
  b: Vector,
  target: number,
  maxIterations: number,
): Promise<Vector> {
  const x = op.zeros();
  let beta = norm(b);
  if (beta === 0) return x;
  let [previous, current] = [op.zeros(), scale(b.slice(), 1 / beta)];
  let [older, old] = [op.zeros(), op.zeros()];
  let [cosine, sine, lastCosine, lastSine] = [1, 0, 1, 0];
  let rest = beta;
  let coupling = 0;
  for (let i = 0; i < maxIterations && Math.abs(rest) > target; i++) {
    const product = await op.multiply(current);
    addScaled(product, -coupling, previous);
    const alpha = dot(current, product);
    addScaled(product, -alpha, current);
    beta = norm(product);
    // The new column of the tridiagonal matrix under the last two rotations, and the one that clears what is below.
    const above = lastSine * coupling;
    const turned = lastCosine * coupling;
    const beside = cosine * turned + sine * alpha;
    const diagonal = cosine * alpha - sine * turned;
    const length = Math.hypot(diagonal, beta);
    if (length <= 64 * op.epsilon * (Math.abs(alpha) + coupling)) break;
    [lastCosine, lastSine] = [cosine, sine];
    [cosine, sine] = [diagonal / length, beta / length];
    const direction = current.slice();
    addScaled(direction, -above, older);
    addScaled(direction, -beside, old);
    scale(direction, 1 / length);
    addScaled(x, cosine * rest, direction);
    rest *= -sine;
    [older, old] = [old, direction];
    if (beta === 0) break;
    [previous, current, coupling] = [current, scale(product, 1 / beta), beta];
  }
  return x;
}
