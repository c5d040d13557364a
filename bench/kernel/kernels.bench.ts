import { spawnSync } from "node:child_process";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { KernelClient, printedText } from "../../test/kernel/support/client";
import type { Command } from "../../test/kernel/support/client";

/** How long the kernels of TypeScript take for what a notebook does, side by side. */

const tslabHome = dirname(createRequire(__filename).resolve("tslab/package.json"));
const tslabProgram = join(tslabHome, "bin", "tslab");

const kernels: Readonly<Record<string, Command | undefined>> = {
  saddle: undefined,
  tslab: (file) => [process.execPath, tslabProgram, "kernel", "--config-path", file],
  // `npm install deno` somewhere, and its node_modules/.bin in the PATH.
  ...(isInstalled("deno") ? { deno: (file: string) => ["deno", "jupyter", "--kernel", "--conn", file] } : {}),
};

const patience = 180_000; // milliseconds

type Row = Record<string, number | string>;

function isInstalled(program: string): boolean {
  return spawnSync(program, ["--version"]).status === 0;
}

async function seconds(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return (performance.now() - start) / 1000;
}

/** The median time of some executions, in milliseconds. */
async function medianLatency(kernel: KernelClient, code: (round: number) => string): Promise<number> {
  const times: number[] = [];
  for (let round = 0; round < 15; round++) times.push(await seconds(() => kernel.execute(code(round))));
  return Number((times.sort((a, b) => a - b)[7] * 1000).toFixed(1));
}

async function measure(command: Command | undefined, row: Row): Promise<void> {
  let kernel: KernelClient | undefined;
  row["start-up, s"] = (await seconds(async () => (kernel = await KernelClient.start({ command })))).toFixed(
    2,
  );
  if (kernel === undefined) return;
  const client = kernel;
  row["first result, s"] = (await seconds(() => client.execute("1 + 1"))).toFixed(2);
  let cells = 0;
  for (const target of [0, 50, 200]) {
    for (; cells < target; cells++) await client.execute(`const filler${cells} = ${cells}`);
    row[`1+1 after ${target}, ms`] = await medianLatency(client, () => "1 + 1");
    row[`distinct after ${target}, ms`] = await medianLatency(client, (round) => `${round} + ${target}`);
    row[`declaring after ${target}, ms`] = await medianLatency(
      client,
      (round) => `const d${target}_${round} = 1`,
    );
  }
  const completion = { code: "Math.ab", cursor_pos: 7 };
  const times: number[] = [];
  for (let round = 0; round < 15; round++) {
    times.push(await seconds(() => client.request("shell", "complete_request", completion)));
  }
  row["completion, ms"] = (times.sort((a, b) => a - b)[7] * 1000).toFixed(1);
  await measureOutput(client, row);
  client.process.kill("SIGKILL");
}

async function measureOutput(client: KernelClient, row: Row): Promise<void> {
  let received = 0;
  const prints = "for (let i = 0; i < 1000; i++) console.log(i)";
  row["1,000 prints, s"] = (
    await seconds(async () => (received = printedText(await client.execute(prints)).split("\n").length - 1))
  ).toFixed(2);
  row["of them received"] = received;
  const megabytes = `console.log("x".repeat(10 * 2 ** 20))`;
  row["10 MB, s"] = (
    await seconds(async () => (received = printedText(await client.execute(megabytes)).length))
  ).toFixed(2);
  row["MB received"] = (received / 2 ** 20).toFixed(1);
}

async function main(): Promise<void> {
  const table: Record<string, Row> = {};
  for (const [name, command] of Object.entries(kernels)) {
    table[name] = {};
    // A kernel that loses a reply keeps its row as far as it has come.
    await Promise.race([measure(command, table[name]), delay(patience)]);
  }
  // eslint-disable-next-line no-console -- a benchmark's table is its result
  console.table(
    Object.fromEntries(
      [...new Set(Object.values(table).flatMap((row) => Object.keys(row)))].map((key) => [
        key,
        Object.fromEntries(Object.entries(table).map(([name, row]) => [name, row[key]])),
      ]),
    ),
  );
}

void main().then(() => process.exit());
