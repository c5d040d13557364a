#!/usr/bin/env node
import { createRequire } from "node:module";
import { Command } from "commander";
import type { RunOptions } from "./headless/run";
import type * as kernelParts from "./kernel";
import type * as wireParts from "./wire/wire";
import { installKernelspec, prefixFolder, pythonPrefix, userFolder } from "./install/kernelspec";
import { LanguageThread } from "./language/host/languageThread";
import type { Audience } from "./contract/messages";
import { version } from "./version";

/** Unlike `import()`, it does not start the loader of ES modules, which takes as long as the kernel's own parts. */
const load = createRequire(__filename);

async function serveKernel(connectionFile: string): Promise<void> {
  // What takes longest begins before the rest of the kernel is loaded: TypeScript to be ready, a front end to connect.
  const language = new LanguageThread();
  const { Wire } = load("./wire/wire") as typeof wireParts;
  const wire = new Wire(connectionFile);
  const bound = wire.bind();
  const { serve } = load("./kernel") as typeof kernelParts;
  await bound;
  serve(wire, language);
}

async function headless() {
  const { createDispatch } = await import("./kernel.js");
  return (audience: Audience) => createDispatch(audience, new LanguageThread());
}

async function run(notebooks: readonly string[], options: RunOptions): Promise<void> {
  // What renders pages takes longer to load than a kernel takes to answer.
  const { runNotebooks } = await import("./headless/run.js");
  if (!(await runNotebooks(notebooks, options, await headless()))) process.exitCode = 1;
}

async function site(notebooks: readonly string[], options: { readonly out: string }): Promise<void> {
  const { buildSite } = await import("./site/site.js");
  if (!(await buildSite(notebooks, options, await headless()))) process.exitCode = 1;
}

interface ScriptOptions {
  readonly n: string;
  readonly engine?: "shm" | "mpi";
  readonly hosts?: string;
  readonly launcher?: "mpiexec" | "srun";
  readonly timeout?: string;
}

async function runOnRanks(script: string, { n, hosts, timeout, ...options }: ScriptOptions): Promise<void> {
  const { runScript } = await import("./headless/script.js");
  const numbers = { devices: Number(n), timeout: timeout === undefined ? undefined : Number(timeout) };
  if (!(await runScript(script, { ...options, ...numbers, hosts: hosts?.split(",") }))) process.exitCode = 1;
}

async function doctor(): Promise<void> {
  const { examine } = await import("./install/doctor.js");
  if (!(await examine())) process.exitCode = 1;
}

interface InstallOptions {
  readonly prefix?: string;
  readonly sysPrefix?: boolean;
}

function install({ sysPrefix, prefix = sysPrefix ? pythonPrefix() : undefined }: InstallOptions): void {
  const folder = installKernelspec(prefix === undefined ? userFolder() : prefixFolder(prefix), __filename);
  process.stdout.write(`Installed the kernelspec in ${folder}\n`);
}

const program = new Command("saddle")
  .description("A TypeScript Jupyter kernel with differentiable tensors on the GPU")
  .version(version);

program
  .command("kernel")
  .argument("<connection file>")
  .description("serve a Jupyter front end")
  .action(serveKernel);
program
  .command("run")
  .argument("<notebooks...>")
  .description("execute notebooks without a front end")
  .option("--out <folder>", "where to write the executed notebooks", "out")
  .option("--html", "write each as a page to look at, too", false)
  .action(run);
program
  .command("site")
  .argument("<notebooks...>")
  .description("execute notebooks and write them as pages to browse and search, with the magics' reference")
  .option("--out <folder>", "where to write the site", "out/site")
  .action(site);
program
  .command("parallel")
  .argument("<script.ts>")
  .description("run a script on ranks, as a cell with %%parallel")
  .option("-n <count>", "how many ranks", "2")
  .option("--engine <name>", "shm, for this machine, or mpi")
  .option("--hosts <a:4,b:4>", "with mpi, the machines and how many ranks each takes")
  .option("--launcher <name>", "what starts the ranks of mpi: mpiexec or srun")
  .option("--timeout <seconds>", "after which the ranks that are missing are named")
  .action(runOnRanks);
program
  .command("install")
  .description("make the kernel known to Jupyter")
  .option("--user", "for this user (the default)")
  .option("--prefix <folder>", "below this folder")
  .option("--sys-prefix", "for the Python environment that is active")
  .action(install);

program
  .command("doctor")
  .description("tell which adapter and driver serve, or what to install")
  .action(doctor);

program.parseAsync().catch((error: unknown) => {
  process.stderr.write(`${(error as Error).message}\n`);
  process.exitCode = 1;
});
