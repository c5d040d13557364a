import { where as select, zerosLike, type Tensor } from "../tensor";
import { flattenTree, mapTree, type TensorTree } from "../transform/trees";
import { checkWhole } from "../util/checks";
import { counter, type Optimizer } from "./optimizer";

export interface AccumulateState {
  /** int32, batches since the last step. */
  readonly count: Tensor;
  readonly sum: TensorTree;
  readonly inner: TensorTree;
  readonly [key: string]: TensorTree;
}

/**
 * Steps once in `every` calls, by the mean of their gradients: batches of `every` times the size that memory holds.
 * Between steps the updates are zero.
 */
export function accumulate(optimizer: Optimizer, every: number): Optimizer<AccumulateState> {
  checkWhole("accumulate", "every", every, 1);
  return {
    init: (params) => ({
      count: counter(flattenTree(params).leaves[0]),
      sum: mapTree("accumulate", (p) => zerosLike(p), params) as TensorTree,
      inner: optimizer.init(params),
    }),
    update(grads, state, params) {
      const sum = mapTree("accumulate.update", (s, g) => s.add(g), state.sum, { grads });
      const count = state.count.add(1);
      const isDue = count.equal(every);
      const mean = mapTree("accumulate", (s) => s.div(every), sum) as typeof params;
      const done = optimizer.update(mean, state.inner, params);
      return {
        updates: mapTree("accumulate", (u) => select(isDue, u, 0), done.updates),
        state: {
          count: select(isDue, 0, count),
          sum: mapTree("accumulate", (s) => select(isDue, 0, s), sum),
          inner: choose(isDue, done.state, state.inner),
        },
      };
    },
  };
}

/** One tree or the other of the same structure, by a scalar condition. */
export function choose<T extends TensorTree>(condition: Tensor, yes: T, no: T): T {
  return mapTree("choose", (a, b) => select(condition, a, b), yes, { no });
}
