import { describe, refuse } from "../util/errors";
import { isListOf } from "../util/checks";

/** Where the numbers of the ranks are after one step of a ring all-reduce. */
export interface RingStep {
  /** First each rank comes to have the sum of one chunk, then all chunks go round. */
  readonly phase: "start" | "reduce-scatter" | "all-gather";
  /** What was sent in this step, by all ranks at the same time. */
  readonly transfers: readonly { readonly from: number; readonly to: number; readonly chunk: number }[];
  /** The numbers of each rank, after it. */
  readonly values: readonly (readonly number[])[];
  /** For each rank and chunk, how many ranks' numbers are in it. */
  readonly summed: readonly (readonly number[])[];
}

/**
 * An all-reduce (sum) round a ring, step by step, to be drawn: of `P` ranks each sends one of `P` chunks to the next in
 * each of 2 (P − 1) steps, so that a rank sends 2 (P − 1)/P of its numbers, however many ranks there are (Patarasuk and
 * Yuan 2009, "Bandwidth optimal all-reduce algorithms for clusters of workstations").
 *
 * @param values the numbers of each rank, equally many; chunk `c` of `n` is from ⌊c n/P⌋ to ⌊(c + 1) n/P⌋
 */
export function ringAllReduce(values: readonly (readonly number[])[]): RingStep[] {
  checkValues(values);
  const size = values.length;
  const state = values.map((each) => [...each]);
  const counts = values.map(() => Array.from({ length: size }, () => 1));
  const steps = [snapshot("start", [], state, counts)];
  for (const phase of ["reduce-scatter", "all-gather"] as const) {
    for (let step = 0; step < size - 1; step++) {
      const first = phase === "reduce-scatter" ? 0 : 1;
      const transfers = state.map((_, from) => {
        return { from, to: (from + 1) % size, chunk: (from + first - step + size) % size };
      });
      // All send what they had before any of them receives.
      const sent = transfers.map(({ from, chunk }) => [...part(state[from], chunk, size)]);
      const sentCounts = transfers.map(({ from, chunk }) => counts[from][chunk]);
      transfers.forEach(({ to, chunk }, index) => {
        const adds = phase === "reduce-scatter";
        const start = Math.floor((chunk * state[to].length) / size);
        sent[index].forEach(
          (value, i) => (state[to][start + i] = adds ? state[to][start + i] + value : value),
        );
        counts[to][chunk] = adds ? counts[to][chunk] + sentCounts[index] : sentCounts[index];
      });
      steps.push(snapshot(phase, transfers, state, counts));
    }
  }
  return steps;
}

function checkValues(values: readonly (readonly number[])[]): void {
  const isNumbers = (each: unknown) => isListOf(each, (x) => typeof x === "number");
  if (!isListOf(values, isNumbers) || values.length < 2) {
    refuse(
      "ringAllReduce",
      `values must be the numbers of each of two or more ranks, got ${describe(values)}`,
    );
  }
  const odd = values.findIndex(({ length }) => length !== values[0].length);
  if (odd !== -1) {
    refuse("ringAllReduce", `rank ${odd} has ${values[odd].length} numbers, rank 0 has ${values[0].length}`);
  }
}

function part(values: readonly number[], chunk: number, size: number): readonly number[] {
  const edge = (index: number) => Math.floor((index * values.length) / size);
  return values.slice(edge(chunk), edge(chunk + 1));
}

function snapshot(
  phase: RingStep["phase"],
  transfers: RingStep["transfers"],
  state: readonly (readonly number[])[],
  counts: readonly (readonly number[])[],
): RingStep {
  const copy = (rows: readonly (readonly number[])[]) => rows.map((row) => [...row]);
  return { phase, transfers, values: copy(state), summed: copy(counts) };
}
