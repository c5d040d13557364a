/** Measures one workload on one library: `node runner.js LIBRARY WORKLOAD`, driven by messages. */
import { libraries, type LibraryName } from "./libraries";
import type { Program, Results, Run } from "./library";
import { noProgram, type Reply, type Request } from "./messages";
import { largestError, makeReference, readReference } from "./reference";
import type { Kind, Tasks, Workload } from "./workload";
import { workloads } from "./workloads";

/** What a sample should take at least, so that the clock and the waiting do not count. */
const sampleTime = 100; // milliseconds

function reply(message: Reply): void {
  process.send!(message);
}

async function time(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}

async function repeat(run: Run, { waits }: Workload, count: number): Promise<void> {
  for (let i = 0; i < count; i++) {
    await run.start();
    if (waits === "for each") await run.finish();
  }
  await run.finish();
}

async function repetitions(run: Run, workload: Workload): Promise<number> {
  await repeat(run, workload, 1);
  const once = await time(() => repeat(run, workload, 1));
  const count = Math.max(1, Math.min(100, Math.round(sampleTime / once)));
  if (count > 1) await repeat(run, workload, Math.min(count, 10));
  return count;
}

async function measure(library: LibraryName, workload: Workload): Promise<void> {
  const loaded = performance.now();
  const program = (await libraries[library]())[workload.kind] as Program<Tasks[Kind]> | undefined;
  const start = performance.now() - loaded;
  const run = await program?.(workload.task());
  if (!run) {
    reply({ kind: "failed", reason: noProgram });
    return;
  }
  let results: Results = {};
  const first = await time(async () => (results = await run.first()));
  const count = await repetitions(run, workload);
  process.on("message", (request: Request) => {
    const answer = request === "sample" ? sample(run, workload, count) : end(workload, results);
    answer.then(reply, fail);
  });
  reply({ kind: "ready", start, first });
}

async function sample(run: Run, workload: Workload, count: number): Promise<Reply> {
  return { kind: "sample", time: (await time(() => repeat(run, workload, count))) / count };
}

/** The peak is read before the check, which needs memory itself. */
function end(workload: Workload, results: Results): Promise<Reply> {
  const peak = process.resourceUsage().maxRSS * 1024;
  return Promise.resolve({ kind: "ended", peak, error: largestError(results, readReference(workload)) });
}

function fail(error: unknown): void {
  reply({ kind: "failed", reason: error instanceof Error ? error.message : String(error) });
}

async function main([library, name]: readonly string[]): Promise<void> {
  const workload = workloads.find((w) => w.name === name)!;
  if (library !== "reference") {
    await measure(library as LibraryName, workload);
    return;
  }
  await makeReference(workload);
  process.exit();
}

main(process.argv.slice(2)).catch(fail);
