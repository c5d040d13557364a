/** A BLAS with LAPACK, opened: which symbols it has, how wide its whole numbers are, how many threads it takes. */
import { channel } from "node:diagnostics_channel";
import { basename } from "node:path";
import { coresOf } from "../util/cores";
import { koffi, type NativeFunction, type NativeLibrary } from "../util/native";
import { routines, type Call, type Routine } from "./routines";

export interface Library {
  /** Such as `libopenblas.so.0`. */
  readonly name: string;
  /** Bits of its whole numbers. */
  readonly integers: 32 | 64;
  /** How many threads a call may take; undefined where the library keeps that to itself. */
  readonly threads: number | undefined;
  readonly call: (call: Call) => void;
  /** The same in a thread of its own; arguments must be left alone meanwhile. */
  readonly callLater: (call: Call) => Promise<void>;
}

/** What builds with 64-bit integers append to the names that others have, and what some distributions put before. */
const spellings = ["_", "_64_", "64_", ""].flatMap((suffix) =>
  ["", "scipy_"].map((prefix) => ({ prefix, suffix })),
);

/** Opens the library that is made up of `files`. Throws where one cannot be loaded, or all of them lack a routine. */
export function openLibrary(files: readonly string[]): Library {
  const handles = files.map((file) => koffi().load(file));
  const spelling = spellings.find(({ prefix, suffix }) => has(handles, `${prefix}dgemm${suffix}`));
  if (spelling === undefined) throw new Error("it has no dgemm");
  const functions = new Map<Routine, NativeFunction>();
  for (const [name, { arguments: count, texts }] of Object.entries(routines)) {
    const types = [...Array<string>(count).fill("void *"), ...Array<string>(texts).fill("size_t")];
    const symbol = `${spelling.prefix}${name}${spelling.suffix}`;
    const found = functionOf(handles, symbol, "void", types);
    if (found === undefined) throw new Error(`it has no ${symbol}`);
    functions.set(name as Routine, found);
  }
  const given = (call: Call): unknown[] => [
    ...call.arguments,
    ...Array<number>(routines[call.routine].texts).fill(1),
  ];
  return {
    name: files.map((file) => basename(file)).join(" with "),
    integers: integersOf(handles, spelling),
    threads: limitThreads(handles),
    call: (call) => timed(call, () => void functions.get(call.routine)!(...given(call))),
    callLater: async (call) => {
      const start = performance.now();
      await new Promise<void>((resolve, reject) => {
        const done = (error: Error | null): void => (error ? reject(error) : resolve());
        functions.get(call.routine)!.async(...given(call), done);
      });
      publish(call, start);
    },
  };
}

/** Each call's routine and time, for whoever measures. */
export const calls = channel("saddle.lapack");

export interface CallMessage {
  readonly routine: Routine;
  readonly seconds: number;
}

function timed(call: Call, work: () => void): void {
  const start = performance.now();
  work();
  publish(call, start);
}

function publish({ routine }: Call, start: number): void {
  if (!calls.hasSubscribers) return;
  const message: CallMessage = { routine, seconds: (performance.now() - start) / 1000 };
  calls.publish(message);
}

function functionOf(
  handles: readonly NativeLibrary[],
  symbol: string,
  result: string,
  types: string[],
): NativeFunction | undefined {
  for (const handle of handles) {
    try {
      return handle.func(symbol, result, types);
    } catch {
      // Another of the files may have it.
    }
  }
  return undefined;
}

function has(handles: readonly NativeLibrary[], symbol: string): boolean {
  return functionOf(handles, symbol, "void", []) !== undefined;
}

/** LAPACK's version is three whole numbers; one of 64 bits overwrites what stood in the upper half of its place. */
function integersOf(
  handles: readonly NativeLibrary[],
  { prefix, suffix }: { readonly prefix: string; readonly suffix: string },
): 32 | 64 {
  const ask = functionOf(handles, `${prefix}ilaver${suffix}`, "void", ["void *", "void *", "void *"]);
  if (ask === undefined) return suffix.includes("64") ? 64 : 32;
  const numbers = [0, 1, 2].map(() => Int32Array.of(-1, -1));
  ask(...numbers);
  return numbers[0][1] === 0 ? 64 : 32;
}

const threadFunctions = [
  { get: "openblas_get_num_threads", set: "openblas_set_num_threads" },
  { get: "scipy_openblas_get_num_threads64_", set: "scipy_openblas_set_num_threads64_" },
  { get: "MKL_Get_Max_Threads", set: "MKL_Set_Num_Threads" },
  { get: "bli_thread_get_num_threads", set: "bli_thread_set_num_threads" },
] as const;

/** As many threads as the library would take, but no more than this process has cores for. */
function limitThreads(handles: readonly NativeLibrary[]): number | undefined {
  for (const { get, set } of threadFunctions) {
    const [ask, tell] = [functionOf(handles, get, "int", []), functionOf(handles, set, "void", ["int"])];
    if (ask === undefined || tell === undefined) continue;
    const threads = Math.max(1, Math.min(ask() as number, coresOf(process.env)));
    tell(threads);
    return threads;
  }
  return undefined;
}
