/** What a method of minimisation may ask of a function, on vectors of the host. */
import { evaluationsOf, type Evaluations, type Objective } from "../curvature/objective";
import { norm, type Vector } from "../linalg/vectors";

/** A point with what is known of f there. */
export interface Point {
  readonly x: Vector;
  readonly value: number;
  readonly gradient: Vector;
}

export interface Problem extends Pick<
  Evaluations,
  "product" | "hessian" | "gaussNewton" | "gaussNewtonProduct"
> {
  readonly size: number;
  /** Whether the model's outputs and their loss are known apart. */
  readonly isSplit: boolean;
  readonly at: (x: Vector) => Promise<Point>;
  readonly evaluations: () => number;
}

export function problemOf(objective: Objective): Problem {
  const { valueAndGradient, ...rest } = evaluationsOf(objective);
  let evaluations = 0;
  return {
    ...rest,
    size: objective.size,
    isSplit: objective.parts.split !== undefined,
    at: async (x) => {
      evaluations++;
      return { x, ...(await valueAndGradient(x)) };
    },
    evaluations: () => evaluations,
  };
}

/** x + step · direction, as a new vector. */
export function moved(x: Vector, step: number, direction: Vector): Vector {
  const out = x.slice();
  for (let i = 0; i < out.length; i++) out[i] += step * direction[i];
  return out;
}

export function negative(x: Vector): Vector {
  return x.map((v) => -v);
}

export function gradNorm({ gradient }: Point): number {
  return norm(gradient);
}

export function isFinitePoint({ value, gradient }: Point): boolean {
  return Number.isFinite(value) && Number.isFinite(norm(gradient));
}
