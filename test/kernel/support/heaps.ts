import { readdirSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { KernelClient, emptyFolder } from "./client";

/** What a notebook's cells do, none of them with a name or a type that no other has. */
const cells: readonly ((i: number) => string)[] = [
  (i) => `${i} + 1`,
  (i) => `console.log(${i})`,
  (i) => `const x = ${i};\nx * 2`,
  (i) => `let s = "${i}"; function later() { return s; }`,
  (i) => `await Promise.resolve(${i})`,
  (i) => `setTimeout(() => undefined, 1, ${i})`,
  (i) => `class Model { size() { return ${i}; } }\nnew Model()`,
  (i) => `throw new Error("${i}")`,
  (i) => `const wrong: string = ${i}`,
  (i) => `display("${i}")`,
  (i) => `import { join } from "node:path"; join("a", "${i}")`,
  (i) => `%time ${i}`,
  () => `Math.abs?`,
];

/** The compiler lets go of what it knows of cells a few hundred at a time. */
const [soundings, between] = [6, 40];

/** A kernel of which each thread, and those of its session, tells how much of its heap is in use. */
export class MeasuredKernel {
  private readonly folder: string;
  private readonly kernel: KernelClient;
  private ran = 0;

  static async start(): Promise<MeasuredKernel> {
    const folder = emptyFolder();
    const probe = join(__dirname, "heapProbe.js");
    const env = { NODE_OPTIONS: `--require ${probe}`, SADDLE_TEST_HEAPS: folder };
    return new MeasuredKernel(folder, await KernelClient.start({ env }));
  }

  private constructor(folder: string, kernel: KernelClient) {
    this.folder = folder;
    this.kernel = kernel;
  }

  /** Runs cells until there have been `count`. */
  async runUpTo(count: number): Promise<void> {
    for (; this.ran < count; this.ran++) {
      const options = { user_expressions: this.ran % 10 === 0 ? { sum: `1 + ${this.ran}` } : {} };
      await this.kernel.execute(cells[this.ran % cells.length](this.ran), options);
    }
  }

  /** By thread, the fewest bytes in use while the next few hundred cells run. */
  async lowestHeaps(): Promise<Readonly<Record<string, number>>> {
    const lowest: Record<string, number> = {};
    for (let sounding = 0; sounding < soundings; sounding++) {
      await this.runUpTo(this.ran + between);
      for (const [thread, bytes] of Object.entries(await this.heaps())) {
        lowest[thread] = Math.min(lowest[thread] ?? Infinity, bytes);
      }
    }
    return lowest;
  }

  /** The bytes in use by thread: `kernel 0` is the main one of the kernel's process. */
  private async heaps(): Promise<Readonly<Record<string, number>>> {
    const heaps: Record<string, number> = {};
    for (const name of readdirSync(this.folder).sort()) {
      const [pid, thread] = name.split(".");
      const bytes = Number(await text(connect(join(this.folder, name))));
      heaps[`${pid === String(this.kernel.process.pid) ? "kernel" : "session"} ${thread}`] = bytes;
    }
    return heaps;
  }

  close(): Promise<void> {
    return this.kernel.close();
  }
}

/** By how many bytes a cell each heap has grown from the `first` cell to the `last`. */
export async function growth(first: number, last: number): Promise<Record<string, number>> {
  const kernel = await MeasuredKernel.start();
  await kernel.runUpTo(first);
  const before = await kernel.lowestHeaps();
  await kernel.runUpTo(last);
  const after = await kernel.lowestHeaps();
  await kernel.close();
  return Object.fromEntries(
    Object.entries(after).map(([name, bytes]) => [name, (bytes - before[name]) / (last - first)]),
  );
}
