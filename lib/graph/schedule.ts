/** The order in which a plan's kernels run. */

/** What a step reads and writes. */
export interface Reader {
  readonly inputs: readonly (
    { readonly kind: "leaf" } | { readonly kind: "temporary"; readonly temporary: number }
  )[];
  readonly output: number;
}

/**
 * Steps in an order that keeps memory low: of those whose inputs are there, the one that adds least to what is held,
 * the earliest given one among equals. So a weight's gradient is computed as soon as it can be, and what it alone
 * needed is free again. `bytes` are those of the temporaries, `held` the temporaries that stay.
 */
export function schedule<S extends Reader>(
  steps: readonly S[],
  bytes: readonly number[],
  held: ReadonlySet<number>,
): S[] {
  const producer = new Map(steps.map((step, s) => [step.output, s]));
  const inputs = steps.map((step) => [
    ...new Set(step.inputs.flatMap((ref) => (ref.kind === "temporary" ? [ref.temporary] : []))),
  ]);
  const usesLeft = new Map<number, number>();
  const users = new Map<number, number[]>();
  inputs.forEach((list, s) =>
    list.forEach((t) => {
      usesLeft.set(t, (usesLeft.get(t) ?? 0) + 1);
      users.set(t, [...(users.get(t) ?? []), s]);
    }),
  );
  const waitsFor = inputs.map((list) => list.filter((t) => producer.has(t)).length);
  const ready = new Set(steps.flatMap((_, s) => (waitsFor[s] === 0 ? [s] : [])));
  const added = (s: number): number =>
    inputs[s].reduce(
      (total, t) => (usesLeft.get(t) === 1 && !held.has(t) ? total - bytes[t] : total),
      bytes[steps[s].output],
    );
  const order: S[] = [];
  while (ready.size > 0) {
    const next = cheapest(ready, added);
    ready.delete(next);
    order.push(steps[next]);
    for (const t of inputs[next]) usesLeft.set(t, usesLeft.get(t)! - 1);
    for (const user of users.get(steps[next].output) ?? []) if (--waitsFor[user] === 0) ready.add(user);
  }
  return order;
}

function cheapest(candidates: ReadonlySet<number>, cost: (s: number) => number): number {
  let [best, least] = [-1, Infinity];
  for (const s of candidates) {
    const c = cost(s);
    if (c < least || (c === least && s < best)) [best, least] = [s, c];
  }
  return best;
}
