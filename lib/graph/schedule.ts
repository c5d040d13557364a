/** The order in which a plan's kernels run. */
import { Heap } from "../util/heap";

/** What a step reads and writes. */
export interface Reader {
  readonly inputs: readonly (
    { readonly kind: "leaf" } | { readonly kind: "temporary"; readonly temporary: number }
  )[];
  readonly output: number;
}

/** A step that can run, and the bytes by which it adds to what is held. */
interface Ready {
  readonly step: number;
  readonly added: number;
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
  const inputs = steps.map((step) => [
    ...new Set(step.inputs.flatMap((ref) => (ref.kind === "temporary" ? [ref.temporary] : []))),
  ]);
  const users = bytes.map((): Set<number> => new Set());
  inputs.forEach((list, s) => list.forEach((t) => users[t].add(s)));
  const readers = users.map((set) => [...set]);
  const isMade = new Set(steps.map((step) => step.output));
  const waitsFor = inputs.map((list) => list.filter((t) => isMade.has(t)).length);
  const added = (s: number): number =>
    inputs[s].reduce(
      (total, t) => (users[t].size === 1 && !held.has(t) ? total - bytes[t] : total),
      bytes[steps[s].output],
    );
  const ready = new Heap<Ready>((a, b) => a.added < b.added || (a.added === b.added && a.step < b.step));
  const offer = (s: number): void => {
    if (waitsFor[s] === 0) ready.push({ step: s, added: added(s) });
  };
  steps.forEach((_, s) => offer(s));
  const order: S[] = [];
  const isDone = new Set<number>();
  for (let next = ready.pop(); next; next = ready.pop()) {
    const { step } = next;
    // What it adds only ever falls: the first that comes out is the last that was offered.
    if (isDone.has(step)) continue;
    isDone.add(step);
    order.push(steps[step]);
    for (const t of inputs[step]) {
      users[t].delete(step);
      if (users[t].size === 1) for (const last of users[t]) offer(last);
    }
    for (const user of readers[steps[step].output]) {
      waitsFor[user]--;
      offer(user);
    }
  }
  return order;
}
