/** What options and counts must be. Each check returns the value, or refuses it, naming it. */
import { describe, refuse } from "./errors";

/** Refuses what is not a whole number of at least `least`. */
export function checkWhole(where: string, name: string, value: unknown, least: number): number {
  if (Number.isInteger(value) && (value as number) >= least) return value as number;
  return refuse(where, `${name} must be a whole number of at least ${least}, got ${describe(value)}`);
}

/** Refuses what no random generator can be started from. */
export function checkSeed(where: string, seed: unknown): number {
  if (Number.isSafeInteger(seed) && (seed as number) >= 0) return seed as number;
  return refuse(where, `seed must be a whole number of at least 0, got ${describe(seed)}`);
}

export function checkPositive(where: string, name: string, value: unknown): number {
  if (typeof value === "number" && value > 0 && value < Infinity) return value;
  return refuse(where, `${name} must be a finite number above 0, got ${describe(value)}`);
}

export function checkAtLeastZero(where: string, name: string, value: unknown): number {
  if (typeof value === "number" && value >= 0 && value < Infinity) return value;
  return refuse(where, `${name} must be a finite number of at least 0, got ${describe(value)}`);
}

/** Refuses what is no number, or none for which `holds`: those that `wanted` names. */
export function checkIn(
  where: string,
  name: string,
  value: unknown,
  holds: (value: number) => boolean,
  wanted: string,
): number {
  if (typeof value === "number" && holds(value)) return value;
  return refuse(where, `${name} must ${wanted}, got ${describe(value)}`);
}

export function checkFinite(where: string, name: string, value: unknown): number {
  if (typeof value === "number" && Number.isFinite(value)) return value;
  return refuse(where, `${name} must be a finite number, got ${describe(value)}`);
}

export function checkNumber(where: string, name: string, value: unknown): number {
  return typeof value === "number"
    ? value
    : refuse(where, `${name} must be a number, got ${describe(value)}`);
}

/** Refuses what is neither true nor false; undefined is false. */
export function checkFlag(where: string, name: string, value: unknown): boolean {
  if (value === undefined || typeof value === "boolean") return value ?? false;
  return refuse(where, `${name} must be true or false, got ${describe(value)}`);
}

/** Whether `value` is an array whose elements all pass; unlike `every`, it does not skip holes, which are undefined. */
export function isListOf(value: unknown, test: (element: unknown) => boolean): boolean {
  return Array.isArray(value) && Array.from(value as unknown[]).every((element) => test(element));
}

export function checkFunction(where: string, f: unknown, name = "f"): void {
  if (typeof f !== "function") refuse(where, `${name} must be a function, got ${describe(f)}`);
}
