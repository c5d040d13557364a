import { tensor, where as select, withDevice, type Tensor } from "../tensor";
import { flattenTree, mapTree, type TensorTree } from "../transform/trees";
import { checkPositive, checkWhole } from "../util/checks";
import { checkOptions } from "../util/errors";
import { choose } from "./accumulate";
import { checkParams, counter, type Optimizer } from "./optimizer";

export interface LossScalingOptions {
  /** The first scale; 2¹⁶ unless given. */
  readonly initial?: number;
  /** The scale doubles after this many steps without overflow; 2000 unless given. */
  readonly growthInterval?: number;
}

export interface LossScalingState {
  /** What to multiply the loss by before it is differentiated. */
  readonly scale: Tensor;
  /** int32, steps since the scale last changed. */
  readonly good: Tensor;
  readonly inner: TensorTree;
  readonly [key: string]: TensorTree;
}

/**
 * Dynamic loss scaling for gradients in float16 (Micikevicius et al. 2018), by torch.amp's rule. `grads` are those of
 * `state.scale` times the loss; they are divided by it again. Where one is not finite the step is left out and the
 * scale halved; it doubles after `growthInterval` good steps.
 */
export function lossScaling(
  optimizer: Optimizer,
  options: LossScalingOptions = {},
): Optimizer<LossScalingState> {
  checkOptions("lossScaling", options, ["initial", "growthInterval"]);
  const initial = checkPositive("lossScaling", "initial", options.initial ?? 2 ** 16);
  const interval = checkWhole("lossScaling", "growthInterval", options.growthInterval ?? 2000, 1);
  return {
    init(params) {
      const [first] = flattenTree(params).leaves;
      return {
        scale: withDevice(first.device, () => tensor(initial)),
        good: counter(first),
        inner: optimizer.init(params),
      };
    },
    update(grads, state, params) {
      checkParams("lossScaling", params);
      const plain = mapTree("lossScaling", (_, g) => g.div(state.scale), params, { grads });
      const finite = isFinite(plain);
      const safe = mapTree("lossScaling", (g) => select(finite, g, 0), plain);
      const done = optimizer.update(safe, state.inner, params);
      const grows = state.good.add(1).equal(interval);
      return {
        updates: mapTree("lossScaling", (u) => select(finite, u, 0), done.updates),
        state: {
          scale: state.scale.mul(select(finite, select(grows, 2, 1), 0.5)),
          good: select(finite.logicalAnd(grows.logicalNot()), state.good.add(1), 0),
          inner: choose(finite, done.state, state.inner),
        },
      };
    },
  };
}

/** Whether all elements of all tensors are finite: a bool scalar. */
export function isFinite(tree: unknown): Tensor {
  const { leaves } = flattenTree(tree);
  return leaves.map((t) => t.abs().less(Infinity).all()).reduce((all, one) => all.logicalAnd(one));
}
