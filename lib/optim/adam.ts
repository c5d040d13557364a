/** Adam and its kin (Kingma & Ba 2015), in torch's form: m̂ / (√v̂ + δ). */
import { onesLike, type Tensor } from "../tensor";
import { checkAtLeastZero, checkPositive } from "../util/checks";
import { checkOptions, describe, refuse } from "../util/errors";
import { blend } from "./adaptive";
import { checkBetas, checkRate } from "./check";
import { byRule, fromZero, type Optimizer, type Rule, type RuleState, type Schedule } from "./optimizer";
import { penalized } from "./sgd";

export interface AdamOptions {
  /** 1e-3 unless given (adamax and nadam 2e-3). */
  readonly learningRate?: number | Schedule;
  /** The decay of the means of gradients and of their squares; [0.9, 0.999] unless given. */
  readonly betas?: readonly [number, number];
  /** Added to the denominator; 1e-8 unless given. */
  readonly eps?: number;
  /** 0 unless given (adamw 0.01). */
  readonly weightDecay?: number;
}

export interface AmsgradOptions extends AdamOptions {
  /** Divide by the largest second moment so far (Reddi, Kale & Kumar 2018). */
  readonly amsgrad?: boolean;
}

interface Settings {
  readonly rate: number | Schedule;
  readonly betas: readonly [number, number];
  readonly eps: number;
  readonly weightDecay: number;
}

const common = ["learningRate", "betas", "eps", "weightDecay"];

function settings(where: string, options: AdamOptions, rate: number, decay: number): Settings {
  return {
    rate: checkRate(where, options.learningRate ?? rate),
    betas: checkBetas(where, options.betas ?? [0.9, 0.999]),
    eps: checkPositive(where, "eps", options.eps ?? 1e-8),
    weightDecay: checkAtLeastZero(where, "weightDecay", options.weightDecay ?? decay),
  };
}

/** 1 − βᵗ, exact where βᵗ is near 1. */
function correction(beta: number, t: Tensor): Tensor | number {
  return beta === 0 ? 1 : t.mul(Math.log(beta)).expm1().neg();
}

/** Adam with the L2 penalty ½λ‖θ‖² in the gradient. */
export function adam(options: AmsgradOptions = {}): Optimizer<RuleState> {
  checkOptions("adam", options, [...common, "amsgrad"]);
  return adamRule("adam", options, settings("adam", options, 1e-3, 0), false);
}

/** Adam whose weights decay apart from the gradient, θ ← θ − ελθ (Loshchilov & Hutter 2019). */
export function adamw(options: AmsgradOptions = {}): Optimizer<RuleState> {
  checkOptions("adamw", options, [...common, "amsgrad"]);
  return adamRule("adamw", options, settings("adamw", options, 1e-3, 1e-2), true);
}

function adamRule(
  where: string,
  { amsgrad = false }: AmsgradOptions,
  { rate, betas: [beta1, beta2], eps, weightDecay }: Settings,
  decoupled: boolean,
): Optimizer<RuleState> {
  if (typeof amsgrad !== "boolean") refuse(where, `amsgrad must be true or false, got ${describe(amsgrad)}`);
  const slots: Rule<string>["slots"] = {
    mean: fromZero,
    squares: fromZero,
    ...(amsgrad && { largest: fromZero }),
  };
  return byRule(where, rate, {
    slots,
    move({ gradient, parameter, slots, rate, t }) {
      const g = penalized(gradient, parameter, decoupled ? 0 : weightDecay);
      const mean = blend(slots.mean, g, beta1);
      const squares = blend(slots.squares, g.square(), beta2);
      const next: Record<string, Tensor> = { mean, squares };
      if (amsgrad) next.largest = slots.largest.maximum(squares);
      const spread = (amsgrad ? next.largest : squares).div(correction(beta2, t)).sqrt().add(eps);
      const direction = mean.div(correction(beta1, t)).div(spread);
      const move = penalized(direction, parameter, decoupled ? weightDecay : 0);
      return { decrease: move.mul(rate), slots: next };
    },
  });
}

/** Adam by the largest gradient instead of the root mean square (Kingma & Ba 2015, section 7.1). */
export function adamax(options: AdamOptions = {}): Optimizer<RuleState> {
  checkOptions("adamax", options, common);
  const { rate, betas, eps, weightDecay } = settings("adamax", options, 2e-3, 0);
  const [beta1, beta2] = betas;
  return byRule("adamax", rate, {
    slots: { mean: fromZero, largest: fromZero },
    move({ gradient, parameter, slots, rate, t }) {
      const g = penalized(gradient, parameter, weightDecay);
      const mean = blend(slots.mean, g, beta1);
      const largest = slots.largest.mul(beta2).maximum(g.abs().add(eps));
      const direction = mean.div(largest).div(correction(beta1, t));
      return { decrease: direction.mul(rate), slots: { mean, largest } };
    },
  });
}

export interface NadamOptions extends AdamOptions {
  /** ψ of the momentum's warm-up μₜ = β₁(1 − ½ · 0.96^(tψ)); 4e-3 unless given. */
  readonly momentumDecay?: number;
}

/**
 * Adam with Nesterov's momentum (Dozat 2016), in the form of torch 1.10 to 1.13, whose look-ahead product holds μₜ twice;
 * torch 2 has it once, which moves steps by some percent in the first of them.
 */
export function nadam(options: NadamOptions = {}): Optimizer<RuleState> {
  checkOptions("nadam", options, [...common, "momentumDecay"]);
  const { rate, betas, eps, weightDecay } = settings("nadam", options, 2e-3, 0);
  const psi = checkAtLeastZero("nadam", "momentumDecay", options.momentumDecay ?? 4e-3);
  const [beta1, beta2] = betas;
  const momentumAt = (t: Tensor): Tensor =>
    t
      .mul(psi * Math.log(0.96))
      .exp()
      .mul(-0.5)
      .add(1)
      .mul(beta1);
  return byRule("nadam", rate, {
    slots: { mean: fromZero, squares: fromZero, product: (p) => onesLike(p.sum()) },
    move({ gradient, parameter, slots, rate, t }) {
      const g = penalized(gradient, parameter, weightDecay);
      const [now, next] = [momentumAt(t), momentumAt(t.add(1))];
      const product = slots.product.mul(now);
      const mean = blend(slots.mean, g, beta1);
      const squares = blend(slots.squares, g.square(), beta2);
      const spread = squares.div(correction(beta2, t)).sqrt().add(eps);
      const fromGradient = g.mul(now.neg().add(1)).div(product.neg().add(1));
      const fromMean = mean.mul(next).div(product.mul(now).mul(next).neg().add(1));
      const direction = fromGradient.add(fromMean).div(spread);
      return { decrease: direction.mul(rate), slots: { mean, squares, product } };
    },
  });
}
