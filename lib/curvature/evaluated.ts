import type { Vector } from "../linalg/vectors";
import { NotFiniteError } from "../util/errors";
import { evaluationsOf, pointOf, type Objective } from "./objective";

/** An objective at its point. */
export interface Evaluated {
  readonly x: Vector;
  readonly value: number;
  readonly gradient: Vector;
  /** What keeps it from having curvature there, in a sentence. */
  readonly notFinite: string | undefined;
}

export async function evaluated(objective: Objective): Promise<Evaluated> {
  const x = await pointOf(objective);
  const { value, gradient } = await evaluationsOf(objective).valueAndGradient(x);
  return { x, value, gradient, notFinite: whatIsNotFinite(x, value, gradient) };
}

/** What is known at a point; what is said instead where f, its slopes or its Hessian are not finite there. */
export async function ifFinite<T>(
  { notFinite }: Pick<Evaluated, "notFinite">,
  known: () => Promise<T>,
  unknown: (reason: string) => T,
): Promise<T> {
  if (notFinite !== undefined) return unknown(notFinite);
  try {
    return await known();
  } catch (error) {
    if (error instanceof NotFiniteError) return unknown(error.message);
    throw error;
  }
}

function whatIsNotFinite(x: Vector, value: number, gradient: Vector): string | undefined {
  const bad = x.find((coordinate) => !Number.isFinite(coordinate));
  if (bad !== undefined) return `x has ${bad} among its coordinates`;
  if (!Number.isFinite(value)) return `f is ${value} at x`;
  const count = gradient.filter((slope) => !Number.isFinite(slope)).length;
  return count === 0 ? undefined : `${count} of ${gradient.length} derivatives of f are not finite at x`;
}
