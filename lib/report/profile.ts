import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { plansMade, type PlanMessage } from "../device/plansMade";
import { blockUntilReady, defaultDevice } from "../tensor";
import { describe, refuse } from "../util/errors";
import { Report, type ReportTable } from "../viz";
import { calls, type CallMessage } from "../blas/library";

export interface OpProfile {
  /** The op that a kernel computes; what is fused into it goes by its name. */
  readonly op: string;
  readonly dispatches: number;
  /** On the device's own clock. */
  readonly seconds: number;
}

export interface ProfileNumbers {
  readonly wallSeconds: number;
  /** The sum over the ops; NaN if the device has no clock (no feature "timestamp-query"). */
  readonly deviceSeconds: number;
  /** The longest first; empty if the device has no clock. */
  readonly ops: readonly OpProfile[];
  /** Products and decompositions by the machine's BLAS and LAPACK, by routine; `dispatches` counts its calls. */
  readonly host: readonly OpProfile[];
  /** Part of the wall clock: working out which kernels to run, once for all work of the same shapes. */
  readonly planSeconds: number;
}

/** A plan that takes longer than this, in seconds, is worth a word. */
const longPlan = 1;

/** A measurement that is under way. */
export interface Profiling {
  /** Waits for what has been queued and tells what it took. To be called once. */
  stop(): Promise<Report<ProfileNumbers>>;
}

/**
 * Measures what the default device does from now on: wall clock, and each kernel on the device's own clock. While it
 * measures, kernels do not overlap, so the whole takes somewhat longer. Throws an ArgumentError if a measurement is
 * under way already.
 */
export async function startProfile(): Promise<Profiling> {
  const device = defaultDevice();
  await device.open();
  const stopTiming = device.startTiming?.();
  const stopCalls = listenToCalls();
  const plans: PlanMessage[] = [];
  const stopPlans = listen(plansMade.name, (message) => plans.push(message as PlanMessage));
  const start = performance.now();
  return {
    async stop() {
      await device.finish();
      const wallSeconds = (performance.now() - start) / 1000;
      stopPlans();
      return reportOf({
        device: device.name,
        wallSeconds,
        host: stopCalls(),
        plans,
        times: await stopTiming?.(),
      });
    },
  };
}

/** Hears what is published on a channel from now on, and returns how to stop. */
function listen(channel: string | symbol, hear: (message: unknown) => void): () => void {
  subscribe(channel, hear);
  return () => unsubscribe(channel, hear);
}

/** Adds up the calls of routines from now on, and returns how to stop. */
function listenToCalls(): () => OpProfile[] {
  const sums = new Map<string, { dispatches: number; seconds: number }>();
  const add = (message: unknown): void => {
    const { routine, seconds } = message as CallMessage;
    const sum = sums.get(routine) ?? { dispatches: 0, seconds: 0 };
    sums.set(routine, { dispatches: sum.dispatches + 1, seconds: sum.seconds + seconds });
  };
  const stop = listen(calls.name, add);
  return () => {
    stop();
    return [...sums].map(([op, sum]) => ({ op, ...sum })).sort((a, b) => b.seconds - a.seconds);
  };
}

/**
 * Runs `work`, waits for the tensors that it returns, and reports what that took: wall clock, and each kernel on the
 * device's own clock.
 */
export async function profile(work: () => unknown): Promise<Report<ProfileNumbers>> {
  if (typeof work !== "function") refuse("profile", `work must be a function, got ${describe(work)}`);
  const profiling = await startProfile();
  try {
    await blockUntilReady(await work());
  } catch (error) {
    await profiling.stop();
    throw error;
  }
  return profiling.stop();
}

type Times = readonly { readonly label: string; readonly dispatches: number; readonly seconds: number }[];

interface Measured {
  readonly device: string;
  readonly wallSeconds: number;
  readonly host: readonly OpProfile[];
  readonly plans: readonly PlanMessage[];
  readonly times: Times | undefined;
}

function reportOf({ device, wallSeconds, host, plans, times }: Measured): Report<ProfileNumbers> {
  const ops = (times ?? []).map(({ label: op, dispatches, seconds }) => ({ op, dispatches, seconds }));
  const total = ops.reduce((sum, { seconds }) => sum + seconds, 0);
  const deviceSeconds = times === undefined ? NaN : total;
  const perOp = ops.map(({ op, dispatches, seconds }) => {
    return [op, dispatches, seconds * 1e3, (seconds * 1e6) / dispatches, percent(seconds / total)];
  });
  const planSeconds = plans.reduce((sum, { seconds }) => sum + seconds, 0);
  const summary = [
    ["device", device],
    ["wall clock, ms", wallSeconds * 1e3],
    ...(times === undefined ? [] : [["on the device, ms", total * 1e3]]),
    ...(planSeconds === 0 ? [] : [["planning, ms", planSeconds * 1e3]]),
  ];
  const columns = ["op", "dispatches", "ms", "µs each", "share"];
  return new Report({
    title: "Profile",
    numbers: { wallSeconds, deviceSeconds, ops, host, planSeconds },
    tables: [
      { rows: summary },
      ...(ops.length === 0 ? [] : [{ columns, rows: perOp }]),
      ...(host.length === 0 ? [] : [hostTable(host)]),
    ],
    notes: [
      ...(times === undefined
        ? ["This device has no clock of its own, so that there are no times by op."]
        : []),
      ...plans.filter(({ seconds }) => seconds > longPlan).map(planNote),
    ],
  });
}

function planNote({ ops, nodes, steps, seconds }: PlanMessage): string {
  return `Planning ${ops.join(", ")} took ${seconds.toFixed(1)} s, for ${nodes} nodes in ${steps} kernels; work of the same shapes has its plan now.`;
}

function hostTable(host: readonly OpProfile[]): ReportTable {
  return {
    title: "On the host, by BLAS and LAPACK",
    columns: ["routine", "calls", "ms"],
    rows: host.map(({ op, dispatches, seconds }) => [op, dispatches, seconds * 1e3]),
  };
}

function percent(fraction: number): string {
  return `${(100 * fraction).toFixed(1)} %`;
}
