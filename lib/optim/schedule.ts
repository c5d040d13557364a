/**
 * Learning rates over steps, counted from 0. Each works on a tensor of steps, so `schedule(arange(1000))` is its curve. None
 * subtracts rates from each other: their difference would have no digits of the lesser one.
 */
import { isTensorLike } from "../tensor/lift";
import { fullLike, tensor, where as choose, type Tensor } from "../tensor";
import { checkAtLeastZero, checkPositive, checkWhole, isListOf } from "../util/checks";
import { isFloat } from "../util/dtypes";
import { checkOptions, describe, refuse } from "../util/errors";
import type { Schedule } from "./optimizer";

function schedule(where: string, rate: (step: Tensor) => Tensor): Schedule {
  return (step) => {
    if (!isTensorLike(step))
      refuse(where, `step must be a number or a tensor of them, got ${describe(step)}`);
    const t = tensor(step);
    return rate(isFloat(t.dtype) ? t : t.astype(t.device.floatType));
  };
}

/** `rate` at every step. */
export function constant(rate: number): Schedule {
  checkAtLeastZero("constant", "rate", rate);
  return schedule("constant", (t) => fullLike(t, rate));
}

/** `rate` times `factor` (0.1 unless given) after each `every` steps. */
export function stepDecay(
  rate: number,
  options: { readonly every: number; readonly factor?: number },
): Schedule {
  checkOptions("stepDecay", options ?? {}, ["every", "factor"]);
  checkAtLeastZero("stepDecay", "rate", rate);
  const every = checkWhole("stepDecay", "every", options?.every, 1);
  const factor = checkPositive("stepDecay", "factor", options.factor ?? 0.1);
  return schedule("stepDecay", (t) => power(factor, wholeQuotient(t, every)).mul(rate));
}

/** `values[i]` between the steps `boundaries[i − 1]` and `boundaries[i]`: one value more than there are boundaries. */
export function piecewiseConstant(boundaries: readonly number[], values: readonly number[]): Schedule {
  const where = "piecewiseConstant";
  const isNumber = (x: unknown): boolean => typeof x === "number";
  if (
    !isListOf(boundaries, isNumber) ||
    !isListOf(values, isNumber) ||
    values.length !== boundaries.length + 1
  ) {
    refuse(
      where,
      `values must have one entry more than boundaries, got ${describe(boundaries)} and ${describe(values)}`,
    );
  }
  boundaries.forEach((b, i) => checkWhole(where, `boundaries[${i}]`, b, i === 0 ? 0 : boundaries[i - 1]));
  values.forEach((v, i) => checkAtLeastZero(where, `values[${i}]`, v));
  return schedule(where, (t) =>
    boundaries.reduce((rate, b, i) => choose(t.greaterEqual(b), values[i + 1], rate), fullLike(t, values[0])),
  );
}

/** `rate` · `decay`^(step / `every`): smooth, where `stepDecay` has stairs. */
export function exponentialDecay(
  rate: number,
  options: { readonly decay: number; readonly every?: number },
): Schedule {
  checkOptions("exponentialDecay", options ?? {}, ["decay", "every"]);
  checkAtLeastZero("exponentialDecay", "rate", rate);
  const decay = checkPositive("exponentialDecay", "decay", options?.decay);
  const every = checkPositive("exponentialDecay", "every", options.every ?? 1);
  return schedule("exponentialDecay", (t) => power(decay, t.div(every)).mul(rate));
}

/** From `rate` to `final` (1% of it unless given) in a straight line over `steps`, then constant (Goodfellow et al. 8.14). */
export function linearDecay(
  rate: number,
  options: { readonly steps: number; readonly final?: number },
): Schedule {
  checkOptions("linearDecay", options ?? {}, ["steps", "final"]);
  checkAtLeastZero("linearDecay", "rate", rate);
  const steps = checkWhole("linearDecay", "steps", options?.steps, 1);
  const final = checkAtLeastZero("linearDecay", "final", options.final ?? rate / 100);
  return schedule("linearDecay", (t) => {
    const { done, left } = progress(t, steps);
    return left.mul(rate / steps).add(done.mul(final / steps));
  });
}

/** From `rate` to `final` (0 unless given) along half a cosine over `steps` (Loshchilov & Hutter 2017). */
export function cosine(rate: number, options: { readonly steps: number; readonly final?: number }): Schedule {
  checkOptions("cosine", options ?? {}, ["steps", "final"]);
  checkAtLeastZero("cosine", "rate", rate);
  const steps = checkWhole("cosine", "steps", options?.steps, 1);
  const final = checkAtLeastZero("cosine", "final", options.final ?? 0);
  return schedule("cosine", (t) => {
    const { done, left } = progress(t, steps);
    // ½ + ½ cos(πx) = sin²(½π(1 − x)), and what it leaves of 1 is sin²(½πx).
    const share = (part: Tensor): Tensor =>
      part
        .mul(Math.PI / (2 * steps))
        .sin()
        .square();
    return share(left).mul(rate).add(share(done).mul(final));
  });
}

/**
 * The first `steps` steps rise in a straight line to what `then` (a schedule, or a constant rate) begins with; after
 * them it runs from its step 0. Step 0 already moves: its rate is 1 / `steps` of the goal (Goyal et al. 2017).
 */
export function linearWarmup(then: Schedule | number, options: { readonly steps: number }): Schedule {
  checkOptions("linearWarmup", options ?? {}, ["steps"]);
  const steps = checkWhole("linearWarmup", "steps", options?.steps, 1);
  const after = typeof then === "number" ? constant(then) : then;
  if (typeof after !== "function") {
    refuse("linearWarmup", `then must be a schedule or a rate, got ${describe(then)}`);
  }
  return schedule("linearWarmup", (t) => {
    const rise = t.add(1).div(steps).minimum(1);
    return after(t.sub(steps).maximum(0)).mul(rise);
  });
}

/** How many of `steps` are behind, and how many are yet to come. */
function progress(t: Tensor, steps: number): { done: Tensor; left: Tensor } {
  return { done: t.minimum(steps), left: t.neg().add(steps).maximum(0) };
}

/** ⌊t / every⌋, though the division be rounded to the wrong side of a whole number. */
function wholeQuotient(t: Tensor, every: number): Tensor {
  const near = t.div(every).round();
  return near.sub(near.mul(every).greater(t).astype(t.dtype));
}

function power(base: number, exponent: Tensor): Tensor {
  return fullLike(exponent, base).pow(exponent);
}
