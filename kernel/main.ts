#!/usr/bin/env node
import { createRequire } from "node:module";
import { Command, InvalidArgumentError, Option } from "commander";
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

interface LimitOptions {
  readonly timeout?: number;
  readonly allowErrors?: boolean;
}

interface RunOptions extends LimitOptions {
  readonly out: string;
  readonly html: boolean;
  readonly inPlace?: boolean;
  readonly parameters?: readonly string[];
}

async function run(notebooks: readonly string[], { parameters = [], ...options }: RunOptions): Promise<void> {
  // What renders pages takes longer to load than a kernel takes to answer.
  const [{ runNotebooks }, { readParameters }] = await Promise.all([
    import("./headless/run.js"),
    import("./headless/parameters.js"),
  ]);
  const given = { ...options, parameters: readParameters(parameters.map(asPair)) };
  if (!(await runNotebooks(notebooks, given, await headless()))) process.exitCode ??= 1;
}

interface SiteOptions extends LimitOptions {
  readonly out: string;
}

async function site(notebooks: readonly string[], options: SiteOptions): Promise<void> {
  const { buildSite } = await import("./site/site.js");
  if (!(await buildSite(notebooks, options, await headless()))) process.exitCode ??= 1;
}

function seconds(text: string): number {
  const value = Number(text);
  if (text.trim() !== "" && value > 0 && Number.isFinite(value)) return value;
  throw new InvalidArgumentError("Wanted a number of seconds greater than 0.");
}

/** Commander has options of one value, so a name and a value are made one, here and back in `asPair`. */
function withPairs(args: readonly string[]): string[] {
  const end = args.includes("--") ? args.indexOf("--") : args.length;
  const at = args.findIndex((arg, index) => index < end && ["-p", "--parameters"].includes(arg));
  if (at === -1) return [...args];
  const pair = JSON.stringify(args.slice(at + 1, at + 3));
  return [...args.slice(0, at), `--parameters=${pair}`, ...withPairs(args.slice(at + 3))];
}

function asPair(text: string): [name: string, value: string] {
  const [name = "", value] = JSON.parse(text) as string[];
  if (value !== undefined) return [name, value];
  throw new Error(`-p ${name}: wanted a name and a value, as in -p rate 0.1`);
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

const headlessHelp = `
Cells tagged skip-execution are not executed, those tagged raises-exception may fail. Pages leave out what is tagged
remove-cell, remove-input or remove-output and fold what is tagged hide-cell, hide-input or hide-output.
A notebook is written while it runs, so Ctrl-C keeps what has run. The status is 0 if all went well, 1 if a cell
failed or a file is no notebook in TypeScript, and 130 after Ctrl-C; the other notebooks run all the same.`;

const program = new Command("saddle")
  .description("A TypeScript Jupyter kernel with differentiable tensors on the GPU")
  .version(version);

program
  .command("kernel")
  .argument("<connection file>")
  .description("serve a Jupyter front end")
  .action(serveKernel);
const timeout = () =>
  new Option(
    "--timeout <seconds>",
    "how long a cell may take; the notebook ends with one that takes longer",
  ).argParser(seconds);
const allowErrors = () =>
  new Option("--allow-errors", "go on behind cells that fail, and count that as success");
program
  .command("run")
  .argument("<notebooks...>")
  .description("execute notebooks without a front end")
  .option("--out <folder>", "where to write the executed notebooks", "out")
  .addOption(new Option("--in-place", "write them over those that are given").conflicts("out"))
  .option("--html", "write each as a page to look at, too", false)
  .option(
    "-p, --parameters <name> <value>",
    "set a variable of the cell tagged parameters: a number, true, false, null, a list or object in JSON, else a string; may be repeated",
    (pair: string, pairs: readonly string[] | undefined) => [...(pairs ?? []), pair],
  )
  .addOption(timeout())
  .addOption(allowErrors())
  .addHelpText("after", headlessHelp)
  .action(run);
program
  .command("site")
  .argument("<notebooks...>")
  .description("execute notebooks and write them as pages to browse and search, with the magics' reference")
  .option("--out <folder>", "where to write the site", "out/site")
  .addOption(timeout())
  .addOption(allowErrors())
  .addHelpText("after", headlessHelp)
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

program.parseAsync(withPairs(process.argv.slice(2)), { from: "user" }).catch((error: unknown) => {
  process.stderr.write(`${(error as Error).message}\n`);
  process.exitCode = 1;
});
