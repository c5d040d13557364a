import { spawnSync } from "node:child_process";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { KernelClient, printedText, root } from "../../test/kernel/support/client";
import type { Command } from "../../test/kernel/support/client";

/** How long the kernels of TypeScript take for what a notebook does, a sample of each in turn. */

const tslabHome = dirname(createRequire(__filename).resolve("tslab/package.json"));
const tslabProgram = join(tslabHome, "bin", "tslab");
const peers = join(root, ".setup", "peers", "node_modules");
/** There once the package's script has run, which would be one process more. */
const denoProgram = join(peers, "deno", "deno");

const commands: Readonly<Record<string, Command | undefined>> = {
  saddle: undefined,
  tslab: (file) => [process.execPath, tslabProgram, "kernel", "--config-path", file],
  ...(runs(join(peers, ".bin", "deno"))
    ? { deno: (file: string) => [denoProgram, "jupyter", "--kernel", "--conn", file] }
    : {}),
};

const patience = 10_000; // milliseconds, for one execution
const launches = 5;
const samples = 15;
const outputs = 5;
const megabyte = 2 ** 20;

interface Row {
  readonly name: string;
  /** Medians, in milliseconds; nothing of a kernel that lost a reply or output. */
  readonly times: Readonly<Record<string, number | undefined>>;
}

type Kernels = Readonly<Record<string, KernelClient>>;
type Sample = (kernel: KernelClient, round: number) => Promise<unknown>;

function runs(program: string): boolean {
  return spawnSync(program, ["--version"]).status === 0;
}

/** What `work` takes, in milliseconds; nothing if it takes for ever or resolves with `false`. */
async function timeOf(work: () => Promise<unknown>): Promise<number | undefined> {
  const start = performance.now();
  const done = await Promise.race([work(), delay(patience, false)]);
  return done === false ? undefined : performance.now() - start;
}

function median(times: readonly (number | undefined)[]): number | undefined {
  const known = times.filter((time) => time !== undefined);
  if (known.length < times.length) return undefined;
  return known.sort((a, b) => a - b)[known.length >> 1];
}

async function measure(name: string, kernels: Kernels, count: number, sample: Sample): Promise<Row> {
  const times: Record<string, (number | undefined)[]> = {};
  for (let round = 0; round < count; round++) {
    for (const [kernelName, kernel] of Object.entries(kernels)) {
      const taken = (times[kernelName] ??= []);
      // Who has lost something once is not waited for again.
      if (!taken.includes(undefined)) taken.push(await timeOf(() => sample(kernel, round)));
    }
  }
  return {
    name,
    times: Object.fromEntries(Object.entries(times).map(([key, taken]) => [key, median(taken)])),
  };
}

/** Asks until what the kernel publishes is heard, as Jupyter's server does: what is published before is lost. */
async function hearOutput(kernel: KernelClient): Promise<void> {
  let isHeard = false;
  const published = kernel.next((channel) => channel === "iopub").then(() => (isHeard = true));
  while (!isHeard) {
    await kernel.request("shell", "kernel_info_request", {});
    await Promise.race([published, delay(10)]);
  }
}

/** From the launch of the process to the reply to kernel_info_request, and to the first result. */
async function measureLaunches(): Promise<Row[]> {
  const replies: Record<string, number[]> = {};
  const results: Record<string, number[]> = {};
  for (let round = 0; round < launches; round++) {
    for (const [name, command] of Object.entries(commands)) {
      const start = performance.now();
      const kernel = await KernelClient.start({ command });
      (replies[name] ??= []).push(performance.now() - start);
      await hearOutput(kernel);
      await kernel.execute("1 + 1");
      (results[name] ??= []).push(performance.now() - start);
      kernel.process.kill("SIGKILL");
    }
  }
  const medians = (taken: Record<string, number[]>) =>
    Object.fromEntries(Object.entries(taken).map(([name, times]) => [name, median(times)]));
  return [
    { name: "launch to kernel_info_reply", times: medians(replies) },
    { name: "launch to the first result", times: medians(results) },
  ];
}

async function measureCells(kernels: Kernels): Promise<Row[]> {
  const rows: Row[] = [];
  let cells = 0;
  for (const target of [0, 50, 200]) {
    for (; cells < target; cells++) {
      for (const kernel of Object.values(kernels)) await kernel.execute(`const filler${cells} = ${cells}`);
    }
    const codes: Record<string, (round: number) => string> = {
      "1 + 1": () => "1 + 1",
      "a distinct cell": (round) => `${round} + ${target}`,
      "a declaration": (round) => `const d${target}_${round} = 1`,
    };
    for (const [name, code] of Object.entries(codes)) {
      const sample: Sample = (kernel, round) => kernel.execute(code(round));
      rows.push(await measure(`${name}, after ${target} cells`, kernels, samples, sample));
    }
  }
  const complete = (kernel: KernelClient, code: string) =>
    kernel.request("shell", "complete_request", { code, cursor_pos: code.length });
  return [
    ...rows,
    await measure("completion", kernels, samples, (kernel) => complete(kernel, "Math.ab")),
    await measure("completion in a distinct cell", kernels, samples, (kernel, round) =>
      complete(kernel, `const c${round} = Math.ab`),
    ),
  ];
}

async function measureOutput(kernels: Kernels): Promise<Row[]> {
  const printed = async (kernel: KernelClient, code: string) => printedText(await kernel.execute(code));
  const lines: Sample = async (kernel) => {
    const text = await printed(kernel, "for (let i = 0; i < 1000; i++) console.log(i)");
    return text.split("\n").length === 1001;
  };
  const bytes: Sample = async (kernel) => {
    const text = await printed(kernel, `console.log("x".repeat(${10 * megabyte}))`);
    return text.length === 10 * megabyte + 1;
  };
  return [
    await measure("1,000 prints", kernels, outputs, lines),
    await measure("10 MB in one print", kernels, outputs, bytes),
  ];
}

function print(rows: readonly Row[]): void {
  const shown = ({ times }: Row): Record<string, string> => {
    const { saddle, tslab, deno } = times;
    const ratio = (time: number | undefined) =>
      saddle === undefined || time === undefined ? "" : (time / saddle).toFixed(2);
    const cells = Object.keys(commands).map((name): [string, string] => [
      `${name}, ms`,
      times[name]?.toFixed(1) ?? "lost",
    ]);
    return { ...Object.fromEntries(cells), "tslab / saddle": ratio(tslab), "deno / saddle": ratio(deno) };
  };
  const isAhead = ({ times: { saddle, tslab } }: Row) =>
    saddle !== undefined && (tslab === undefined || saddle < tslab);
  const ahead = rows.filter(isAhead).length;
  /* eslint-disable no-console -- a benchmark's table is its result */
  console.table(Object.fromEntries(rows.map((row) => [row.name, shown(row)])));
  console.log(`ahead of tslab: ${ahead} of ${rows.length} rows`);
  /* eslint-enable no-console */
  if (ahead < rows.length) process.exitCode = 1;
}

async function main(): Promise<void> {
  const rows = await measureLaunches();
  const kernels: Record<string, KernelClient> = {};
  for (const [name, command] of Object.entries(commands))
    kernels[name] = await KernelClient.start({ command });
  for (const kernel of Object.values(kernels)) {
    await hearOutput(kernel);
    await kernel.execute("1 + 1");
  }
  rows.push(...(await measureCells(kernels)), ...(await measureOutput(kernels)));
  print(rows);
  for (const kernel of Object.values(kernels)) kernel.process.kill("SIGKILL");
}

void main().then(() => process.exit());
