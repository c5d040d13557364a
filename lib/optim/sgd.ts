import { checkAtLeastZero } from "../util/checks";
import { checkOptions, describe, refuse } from "../util/errors";
import { checkDecay, checkRate } from "./check";
import { byRule, fromZero, type Optimizer, type RuleState, type Schedule } from "./optimizer";
import type { Tensor } from "../tensor";

export interface SgdOptions {
  /** 1e-3 unless given. */
  readonly learningRate?: number | Schedule;
  /** The part of the last velocity that is kept; 0 unless given. */
  readonly momentum?: number;
  /** Look ahead along the velocity (Sutskever et al. 2013); needs momentum. */
  readonly nesterov?: boolean;
  /** λ of the penalty ½λ‖θ‖², added to the gradient; 0 unless given. */
  readonly weightDecay?: number;
}

/**
 * Stochastic gradient descent, in torch's form: v ← μv + g, θ ← θ − εv; with Nesterov's momentum θ ← θ − ε(g + μv).
 * The rate scales the whole velocity, so that a change of it acts at once.
 */
export function sgd(options: SgdOptions = {}): Optimizer<RuleState> {
  checkOptions("sgd", options, ["learningRate", "momentum", "nesterov", "weightDecay"]);
  const rate = checkRate("sgd", options.learningRate ?? 1e-3);
  const momentum = checkDecay("sgd", "momentum", options.momentum ?? 0);
  const weightDecay = checkAtLeastZero("sgd", "weightDecay", options.weightDecay ?? 0);
  const { nesterov = false } = options;
  if (typeof nesterov !== "boolean")
    refuse("sgd", `nesterov must be true or false, got ${describe(nesterov)}`);
  if (nesterov && momentum === 0) refuse("sgd", "nesterov needs momentum above 0");
  if (momentum === 0) {
    return byRule("sgd", rate, {
      slots: {},
      move: ({ gradient, parameter, rate }) => ({
        decrease: penalized(gradient, parameter, weightDecay).mul(rate),
        slots: {},
      }),
    });
  }
  return byRule("sgd", rate, {
    slots: { velocity: fromZero },
    move({ gradient, parameter, slots, rate }) {
      const g = penalized(gradient, parameter, weightDecay);
      const velocity = slots.velocity.mul(momentum).add(g);
      const direction = nesterov ? g.add(velocity.mul(momentum)) : velocity;
      return { decrease: direction.mul(rate), slots: { velocity } };
    },
  });
}

/** The gradient with that of ½λ‖θ‖² added. */
export function penalized(gradient: Tensor, parameter: Tensor, weightDecay: number): Tensor {
  return weightDecay === 0 ? gradient : gradient.add(parameter.mul(weightDecay));
}
