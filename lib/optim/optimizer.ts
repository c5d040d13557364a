/** What an optimiser is, and how one is made from a rule for a single tensor. */
import { zeros, zerosLike, withDevice, type Tensor } from "../tensor";
import { flattenTree, mapTree, matchTree, type TensorTree } from "../transform/trees";
import { wrap } from "../tensor/tensor";
import { describe, refuse } from "../util/errors";
import { unflatten } from "../util/trees";

/**
 * From gradients to what is to be added to the parameters (optax's contract). The state is a tree of tensors and all is
 * pure, so that a whole training step can be compiled with `jit`.
 */
export interface Optimizer<State extends TensorTree = TensorTree> {
  /** The state before the first step. */
  init(params: unknown): State;
  /** Updates in the structure of `params`, which `applyUpdates` adds, and the next state. */
  update<P>(grads: P, state: State, params: P): { readonly updates: P; readonly state: State };
}

/** A learning rate for each step, counted from 0; works on tensors of any shape, so that it can be drawn. */
export type Schedule = (step: Tensor | number) => Tensor;

/** `params` plus `updates`, tensor by tensor. Refuses trees of different structure or shapes. */
export function applyUpdates<P>(params: P, updates: P): P {
  return mapTree("applyUpdates", (p, u) => p.add(u), params, { updates });
}

/** The optimisers one after the other: each takes the updates of the one before for its gradients. */
export function chain(...parts: readonly Optimizer[]): Optimizer<readonly TensorTree[]> {
  if (parts.length === 0) refuse("chain", "needs at least one optimiser");
  const bad = parts.findIndex((part) => typeof part?.update !== "function");
  if (bad >= 0) refuse("chain", `argument ${bad} must be an optimiser, got ${describe(parts[bad])}`);
  return {
    init: (params) => parts.map((part) => part.init(params)),
    update(grads, state, params) {
      let updates = grads;
      const next = parts.map((part, i) => {
        const done = part.update(updates, state[i], params);
        updates = done.updates;
        return done.state;
      });
      return { updates, state: next };
    },
  };
}

/** A transformation of gradients that remembers nothing. */
export function stateless(update: <P>(grads: P, params: P) => P): Optimizer {
  return { init: () => ({}), update: (grads, state, params) => ({ updates: update(grads, params), state }) };
}

type Slots<Name extends string> = Readonly<Record<Name, Tensor>>;

/** How a single tensor moves; the tensors it remembers are its slots. */
export interface Rule<Name extends string> {
  /** The first value of each slot. */
  readonly slots: Readonly<Record<Name, (parameter: Tensor) => Tensor>>;
  /** The negative of the update and the next slots. `t` counts steps from 1, as a float. */
  readonly move: (at: {
    readonly gradient: Tensor;
    readonly parameter: Tensor;
    readonly slots: Slots<Name>;
    readonly rate: Tensor | number;
    readonly t: Tensor;
  }) => { readonly decrease: Tensor; readonly slots: Slots<Name> };
}

/** The count of steps done (int32) and for each slot a tree like the parameters. */
export type RuleState = { readonly step: Tensor } & Readonly<Record<string, TensorTree>>;

/** The optimiser that moves each tensor by `rule`, at a learning rate that may follow a schedule. */
export function byRule<Name extends string>(
  where: string,
  learningRate: number | Schedule,
  rule: Rule<Name>,
): Optimizer<RuleState> {
  const names = Object.keys(rule.slots) as Name[];
  return {
    init(params) {
      const { leaves, structure } = flattenTree(params);
      if (leaves.length === 0) refuse(`${where}.init`, "params holds no tensor");
      const slots = names.map((name) => [name, unflatten(structure, leaves.map(rule.slots[name]))] as const);
      return { step: counter(leaves[0]), ...Object.fromEntries(slots) };
    },
    update(grads, state, params) {
      checkParams(where, params);
      const given = flattenTree(params);
      const gradients = matchTree(`${where}.update`, "grads", grads, given).map(wrap);
      const remembered = names.map((name) => flattenTree(state[name]).leaves);
      const count = state.step.astype(given.leaves[0].device.floatType);
      const rate = typeof learningRate === "number" ? learningRate : learningRate(count);
      const t = count.add(1);
      const moved = given.leaves.map((parameter, i) => {
        const slots = Object.fromEntries(names.map((name, k) => [name, remembered[k][i]])) as Slots<Name>;
        return rule.move({ gradient: gradients[i], parameter, slots, rate, t });
      });
      const next = names.map((name) => [
        name,
        unflatten(
          given.structure,
          moved.map((m) => m.slots[name]),
        ),
      ]);
      const updates = unflatten(
        given.structure,
        moved.map((m) => m.decrease.neg()),
      ) as typeof params;
      return { updates, state: { step: state.step.add(1), ...Object.fromEntries(next) } as RuleState };
    },
  };
}

/** Refuses an update that is not told what it is to update. */
export function checkParams(where: string, params: unknown): void {
  if (params !== undefined && params !== null) return;
  refuse(`${where}.update`, `params must be the parameters, after grads and state, got ${describe(params)}`);
}

/** Zero, int32, beside `like`. */
export function counter(like: Tensor): Tensor {
  return withDevice(like.device, () => zeros([], { dtype: "int32" }));
}

export const fromZero = (parameter: Tensor): Tensor => zerosLike(parameter);
