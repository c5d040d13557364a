/** Optimisers that divide by a root of past squared gradients, without Adam's moments. */
import { fullLike, type Tensor } from "../tensor";
import { checkAtLeastZero, checkPositive } from "../util/checks";
import { checkOptions, describe, refuse } from "../util/errors";
import { checkDecay, checkRate } from "./check";
import { byRule, fromZero, type Optimizer, type Rule, type RuleState, type Schedule } from "./optimizer";
import { penalized } from "./sgd";

interface Common {
  readonly learningRate?: number | Schedule;
  /** Added to the denominator. */
  readonly eps?: number;
  /** λ of the penalty ½λ‖θ‖², added to the gradient; 0 unless given. */
  readonly weightDecay?: number;
}

export interface AdagradOptions extends Common {
  /** The rate is divided by 1 + (t − 1) · this; 0 unless given. */
  readonly learningRateDecay?: number;
  /** What the sum of squares starts from; 0 unless given. */
  readonly initialAccumulator?: number;
}

/** Duchi, Hazan & Singer 2011: θ ← θ − εg / (√Σg² + δ). learningRate 0.01, eps 1e-10 unless given. */
export function adagrad(options: AdagradOptions = {}): Optimizer<RuleState> {
  checkOptions("adagrad", options, [
    "learningRate",
    "eps",
    "weightDecay",
    "learningRateDecay",
    "initialAccumulator",
  ]);
  const rate = checkRate("adagrad", options.learningRate ?? 1e-2);
  const eps = checkPositive("adagrad", "eps", options.eps ?? 1e-10);
  const weightDecay = checkAtLeastZero("adagrad", "weightDecay", options.weightDecay ?? 0);
  const decay = checkAtLeastZero("adagrad", "learningRateDecay", options.learningRateDecay ?? 0);
  const initial = checkAtLeastZero("adagrad", "initialAccumulator", options.initialAccumulator ?? 0);
  return byRule("adagrad", rate, {
    slots: { squares: (p) => fullLike(p, initial) },
    move({ gradient, parameter, slots, rate, t }) {
      const g = penalized(gradient, parameter, weightDecay);
      const squares = slots.squares.add(g.square());
      const now = decay === 0 ? rate : t.sub(1).mul(decay).add(1).reciprocal().mul(rate);
      return { decrease: g.div(squares.sqrt().add(eps)).mul(now), slots: { squares } };
    },
  });
}

export interface RmspropOptions extends Common {
  /** The decay of the mean of squares; 0.99 unless given. */
  readonly alpha?: number;
  readonly momentum?: number;
  /** Divide by the standard deviation of the gradient instead of its root mean square. */
  readonly centered?: boolean;
}

/** Hinton 2012 (lecture 6e), with torch's momentum: v ← μv + g / (√E[g²] + δ), θ ← θ − εv. learningRate 0.01, eps 1e-8. */
export function rmsprop(options: RmspropOptions = {}): Optimizer<RuleState> {
  checkOptions("rmsprop", options, ["learningRate", "eps", "weightDecay", "alpha", "momentum", "centered"]);
  const rate = checkRate("rmsprop", options.learningRate ?? 1e-2);
  const eps = checkPositive("rmsprop", "eps", options.eps ?? 1e-8);
  const weightDecay = checkAtLeastZero("rmsprop", "weightDecay", options.weightDecay ?? 0);
  const alpha = checkDecay("rmsprop", "alpha", options.alpha ?? 0.99);
  const momentum = checkDecay("rmsprop", "momentum", options.momentum ?? 0);
  const { centered = false } = options;
  if (typeof centered !== "boolean")
    refuse("rmsprop", `centered must be true or false, got ${describe(centered)}`);
  const slots: Rule<string>["slots"] = {
    squares: fromZero,
    ...(centered && { mean: fromZero }),
    ...(momentum > 0 && { velocity: fromZero }),
  };
  return byRule("rmsprop", rate, {
    slots,
    move({ gradient, parameter, slots, rate }) {
      const g = penalized(gradient, parameter, weightDecay);
      const squares = blend(slots.squares, g.square(), alpha);
      const next: Record<string, Tensor> = { squares };
      let spread = squares;
      if (centered) {
        next.mean = blend(slots.mean, g, alpha);
        spread = squares.sub(next.mean.square());
      }
      let direction = g.div(spread.sqrt().add(eps));
      if (momentum > 0) direction = next.velocity = slots.velocity.mul(momentum).add(direction);
      return { decrease: direction.mul(rate), slots: next };
    },
  });
}

export interface AdadeltaOptions extends Common {
  /** The decay of both means; 0.9 unless given. */
  readonly rho?: number;
}

/** Zeiler 2012: steps in the parameters' own units, √(E[Δ²] + δ) / √(E[g²] + δ) · g. learningRate 1, eps 1e-6. */
export function adadelta(options: AdadeltaOptions = {}): Optimizer<RuleState> {
  checkOptions("adadelta", options, ["learningRate", "eps", "weightDecay", "rho"]);
  const rate = checkRate("adadelta", options.learningRate ?? 1);
  const eps = checkPositive("adadelta", "eps", options.eps ?? 1e-6);
  const weightDecay = checkAtLeastZero("adadelta", "weightDecay", options.weightDecay ?? 0);
  const rho = checkDecay("adadelta", "rho", options.rho ?? 0.9);
  return byRule("adadelta", rate, {
    slots: { squares: fromZero, moves: fromZero },
    move({ gradient, parameter, slots, rate }) {
      const g = penalized(gradient, parameter, weightDecay);
      const squares = blend(slots.squares, g.square(), rho);
      const direction = slots.moves.add(eps).sqrt().div(squares.add(eps).sqrt()).mul(g);
      const moves = blend(slots.moves, direction.square(), rho);
      return { decrease: direction.mul(rate), slots: { squares, moves } };
    },
  });
}

/** decay · old + (1 − decay) · value. */
export function blend(old: Tensor, value: Tensor, decay: number): Tensor {
  return old.mul(decay).add(value.mul(1 - decay));
}
