import { compiledFolder, hasCompiled, knownFirstCall, rememberFirstCall } from "./cold";
import { peers, type LibraryName } from "./libraries";
import type { Failed } from "./messages";
import { ensureReference, Measuring } from "./process";
import type { Cost, Workload } from "./workload";

/** How long a row's rounds may take together, and how many there are at least and at most. */
const roundsTime = 6000; // milliseconds
const [fewestRounds, mostRounds] = [3, 15];

export interface Measurement {
  /** Milliseconds, the median of `samples`. */
  readonly time: number;
  readonly samples: readonly number[];
  /** Milliseconds to load the library and open its device. */
  readonly start: number;
  /** Milliseconds of the cold first call. */
  readonly first: number;
  /** Bytes, of a process that found its shaders compiled where the driver keeps them. */
  readonly peak: number;
  readonly error: number;
  readonly wrong: boolean;
}

/** Undefined: not asked for. */
export type Outcome = Measurement | Failed | undefined;

export interface RowResult {
  readonly name: string;
  readonly title: string;
  readonly cost: Cost;
  readonly libraries: Readonly<Partial<Record<LibraryName, Outcome>>>;
  /** How many times as long the best peer takes; undefined where no peer was measured. */
  readonly ahead: number | undefined;
  /** How many times as long Saddle takes as the kernels written by hand. */
  readonly ofHand: number | undefined;
}

export function isMeasured(outcome: Outcome): outcome is Measurement {
  return outcome !== undefined && !("kind" in outcome);
}

/** The time that counts: only of a right result. */
export function timeOf(outcome: Outcome): number | undefined {
  return isMeasured(outcome) && !outcome.wrong ? outcome.time : undefined;
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

type Compared = Pick<Workload, "name" | "title" | "cost" | "rivals">;

interface Candidate {
  readonly library: LibraryName;
  readonly process: Measuring;
  readonly samples: number[];
  start: number;
  first: number;
  failure: Failed | undefined;
}

/** All libraries on one workload, each in its process, a sample of each in turn. */
export async function measureRow(workload: Workload, libraries: readonly LibraryName[]): Promise<RowResult> {
  await ensureReference(workload);
  const candidates: Candidate[] = [];
  try {
    for (const library of libraries) candidates.push(await begin(library, workload));
    await sampleInTurn(candidates);
    const outcomes: Partial<Record<LibraryName, Outcome>> = {};
    for (const candidate of candidates) outcomes[candidate.library] = await conclude(candidate, workload);
    return summarize(workload, outcomes);
  } finally {
    for (const { process } of candidates) process.kill();
  }
}

/** One after the other, so that a cold first call has the machine to itself. */
async function begin(library: LibraryName, workload: Workload): Promise<Candidate> {
  const compiled = compiledFolder(library, workload);
  if (knownFirstCall(compiled) === undefined) {
    const cold = await open(library, workload, compiled);
    if (cold.failure) return cold;
    rememberFirstCall(compiled, cold.first);
    if (!hasCompiled(compiled)) return cold;
    await cold.process.end();
    cold.process.kill();
  }
  const warm = await open(library, workload, compiled);
  return { ...warm, first: knownFirstCall(compiled) ?? warm.first };
}

async function open(library: LibraryName, workload: Workload, compiled: string): Promise<Candidate> {
  const process = new Measuring(library, workload, compiled);
  const ready = await process.ready();
  const candidate = { library, process, samples: [] };
  if (ready.kind === "failed") return { ...candidate, start: NaN, first: NaN, failure: ready };
  return { ...candidate, start: ready.start, first: ready.first, failure: undefined };
}

async function sampleInTurn(candidates: readonly Candidate[]): Promise<void> {
  const start = performance.now();
  for (let round = 0; round < mostRounds; round++) {
    if (round >= fewestRounds && performance.now() - start > roundsTime) return;
    for (const candidate of candidates.filter((c) => !c.failure)) {
      const sample = await candidate.process.sample();
      if (sample.kind === "failed") candidate.failure = sample;
      else candidate.samples.push(sample.time);
    }
  }
}

async function conclude(candidate: Candidate, { tolerance }: Workload): Promise<Outcome> {
  if (candidate.failure) return candidate.failure;
  const end = await candidate.process.end();
  if (end.kind === "failed") return end;
  const { samples, start, first } = candidate;
  const { peak, error } = end;
  return { time: median(samples), samples, start, first, peak, error, wrong: !(error <= tolerance) };
}

/** How far Saddle is ahead, and how near to what is reachable. */
export function summarize(
  { name, title, cost, rivals }: Compared,
  libraries: RowResult["libraries"],
): RowResult {
  const saddle = timeOf(libraries.saddle);
  const hand = timeOf(libraries.hand);
  const rivalTimes = peers
    .filter((peer) => rivals?.includes(peer) ?? true)
    .map((peer) => timeOf(libraries[peer]))
    .filter((time) => time !== undefined);
  const best = rivalTimes.length === 0 || !libraries.saddle ? undefined : Math.min(...rivalTimes);
  return {
    ...{ name, title, cost, libraries },
    // Without a right result Saddle takes for ever.
    ahead: best === undefined ? undefined : best / (saddle ?? Infinity),
    ofHand: hand === undefined || saddle === undefined ? undefined : saddle / hand,
  };
}
