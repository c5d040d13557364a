/** Averages of parameters over the steps of a training, which generalise better than the last of them. */
import { zerosLike, type Tensor } from "../tensor";
import { flattenTree, mapTree } from "../transform/trees";
import { checkOptions, describe, refuse } from "../util/errors";
import { checkDecay } from "./check";
import { counter } from "./optimizer";

export interface AverageState {
  /** int32, how many values went in. */
  readonly step: Tensor;
  /** The running value, in the structure of the parameters. */
  readonly value: unknown;
}

/** `update(params, state)` takes in one more value and gives the average of all so far. */
export interface Average {
  init(params: unknown): AverageState;
  update<P>(params: P, state: AverageState): { readonly average: P; readonly state: AverageState };
}

export interface EmaOptions {
  /** 0.999 unless given. */
  readonly decay?: number;
  /** Divide by 1 − decayᵗ, so that the zeros it starts from do not count; true unless given. */
  readonly debias?: boolean;
}

function average(
  where: string,
  next: (state: AverageState, t: Tensor, params: unknown) => [unknown, unknown],
): Average {
  return {
    init(params) {
      const { leaves } = flattenTree(params);
      if (leaves.length === 0) refuse(`${where}.init`, "params holds no tensor");
      return { step: counter(leaves[0]), value: mapTree(where, (p) => zerosLike(p), params) };
    },
    update(params, state) {
      const step = state.step.add(1);
      const t = step.astype(step.device.floatType);
      const [value, result] = next(state, t, params);
      return { average: result as typeof params, state: { step, value } };
    },
  };
}

/** The exponential moving average, decay · old + (1 − decay) · new. */
export function ema(options: EmaOptions = {}): Average {
  checkOptions("ema", options, ["decay", "debias"]);
  const decay = checkDecay("ema", "decay", options.decay ?? 0.999);
  const { debias = true } = options;
  if (typeof debias !== "boolean") refuse("ema", `debias must be true or false, got ${describe(debias)}`);
  return average("ema", (state, t, params) => {
    const value = mapTree("ema", (old, p) => old.mul(decay).add(p.mul(1 - decay)), state.value, { params });
    if (!debias || decay === 0) return [value, value];
    const weight = t.mul(Math.log(decay)).expm1().neg();
    return [value, mapTree("ema", (v) => v.div(weight), value)];
  });
}

/** The plain mean of all values (Polyak & Juditsky 1992). */
export function polyak(): Average {
  return average("polyak", (state, t, params) => {
    const value = mapTree("polyak", (old, p) => old.add(p.sub(old).div(t)), state.value, { params });
    return [value, value];
  });
}
