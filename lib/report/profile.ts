import { blockUntilReady, defaultDevice } from "../tensor";
import { describe, refuse } from "../util/errors";
import { Report } from "../viz";

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
}

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
  const start = performance.now();
  return {
    async stop() {
      await device.finish();
      const wallSeconds = (performance.now() - start) / 1000;
      return reportOf(device.name, wallSeconds, await stopTiming?.());
    },
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

function reportOf(device: string, wallSeconds: number, times: Times | undefined): Report<ProfileNumbers> {
  const ops = (times ?? []).map(({ label: op, dispatches, seconds }) => ({ op, dispatches, seconds }));
  const total = ops.reduce((sum, { seconds }) => sum + seconds, 0);
  const deviceSeconds = times === undefined ? NaN : total;
  const perOp = ops.map(({ op, dispatches, seconds }) => {
    return [op, dispatches, seconds * 1e3, (seconds * 1e6) / dispatches, percent(seconds / total)];
  });
  const summary = [
    ["device", device],
    ["wall clock, ms", wallSeconds * 1e3],
    ...(times === undefined ? [] : [["on the device, ms", total * 1e3]]),
  ];
  const columns = ["op", "dispatches", "ms", "µs each", "share"];
  return new Report({
    title: "Profile",
    numbers: { wallSeconds, deviceSeconds, ops },
    tables: [{ rows: summary }, ...(ops.length === 0 ? [] : [{ columns, rows: perOp }])],
    notes:
      times === undefined ? ["This device has no clock of its own, so that there are no times by op."] : [],
  });
}

function percent(fraction: number): string {
  return `${(100 * fraction).toFixed(1)} %`;
}
