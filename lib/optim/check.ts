import { checkAtLeastZero } from "../util/checks";
import { describe, refuse } from "../util/errors";
import type { Schedule } from "./optimizer";

/** Refuses a learning rate that is neither a schedule nor a number of at least 0. */
export function checkRate(where: string, value: unknown): number | Schedule {
  if (typeof value === "function") return value as Schedule;
  return checkAtLeastZero(where, "learningRate", value);
}

/** Refuses a number outside [0, 1). */
export function checkDecay(where: string, name: string, value: unknown): number {
  if (typeof value === "number" && value >= 0 && value < 1) return value;
  return refuse(where, `${name} must lie in [0, 1), got ${describe(value)}`);
}

export function checkBetas(where: string, value: unknown): readonly [number, number] {
  if (!Array.isArray(value) || value.length !== 2) {
    refuse(where, `betas must be two numbers in [0, 1), got ${describe(value)}`);
  }
  const [first, second] = value as unknown[];
  return [checkDecay(where, "betas[0]", first), checkDecay(where, "betas[1]", second)];
}
