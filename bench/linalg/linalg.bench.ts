/**
 * Linear algebra in float64 beside PyTorch on the same cores and the same BLAS: `node linalg.bench.js`. README.md says how
 * to read it.
 */
import { spawn, spawnSync, type ChildProcessWithoutNullStreams } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import {
  cpu,
  curvature,
  data,
  linalg,
  nn,
  random,
  report,
  withDevice,
  zeros,
  type Tensor,
} from "../../lib/index";

const print = (line: string): void => void process.stdout.write(`${line}\n`);
const folder = join("out", "bench", "linalg");
const rounds = 9;

/** What may be off: rounding, and how well a problem is conditioned. */
const allowed = 1e-7;

type Numbers = ArrayLike<number>;

interface Sample {
  readonly seconds: number;
  readonly numbers: Numbers;
}

interface Row {
  readonly name: string;
  readonly title: string;
  readonly run: () => Promise<Numbers>;
}

interface Weights {
  readonly w: Tensor;
  readonly b: Tensor;
}

async function makeRows(): Promise<{ rows: Row[]; report: () => Promise<unknown> }> {
  const normal = (seed: number, shape: number[]): Tensor => random.normal(random.key(seed), shape);
  const square = normal(1, [1000, 1000]);
  const inputs = {
    symmetric: square.add(square.transpose()).div(2),
    square,
    half: normal(2, [500, 500]),
    vector: normal(3, [1000]),
    wide: normal(4, [1024, 1024]),
    pixels: data.digits().images.reshape([-1, 64]),
    labels: data.digits().labels.astype("float64"),
  };
  mkdirSync(folder, { recursive: true });
  for (const [name, tensor] of Object.entries(inputs)) {
    writeFileSync(join(folder, `${name}.f64`), Float64Array.from(await tensor.data()));
  }
  const shapes = Object.fromEntries(Object.entries(inputs).map(([name, { shape }]) => [name, shape]));
  writeFileSync(join(folder, "shapes.json"), JSON.stringify(shapes));
  const { symmetric, half, vector, wide, pixels } = inputs;
  const labels = data.digits().labels;
  const loss = ({ w, b }: Weights): Tensor =>
    nn.functional
      .crossEntropy(pixels.matmul(w).add(b), labels)
      .add(w.square().sum().add(b.square().sum()).mul(0.005));
  const start = (): Weights => ({ w: zeros([64, 10]), b: zeros([10]) });
  /** All results are computed; the first is compared. */
  const read = async (results: readonly Tensor[]): Promise<Numbers> => {
    const [first] = await Promise.all(results.map((t) => t.data()));
    return first;
  };
  const rows: Row[] = [
    { name: "eigh", title: "eigh 1000", run: () => read(linalg.eigh(symmetric)) },
    {
      name: "svd",
      title: "svd 500",
      run: () => {
        const { u, s, vt } = linalg.svd(half);
        return read([s, u, vt]);
      },
    },
    { name: "solve", title: "solve 1000", run: () => read([linalg.solve(square, vector)]) },
    {
      name: "matmul",
      title: "matmul 1024",
      run: async () => ((await read([wide.matmul(wide)])) as Float64Array).subarray(0, 1024),
    },
    {
      name: "spectrum",
      title: "spectrum 650",
      run: async () => (await curvature.spectrum(loss, start())).eigenvalues,
    },
  ];
  return { rows, report: () => report.hessian(loss, start()) };
}

/** PyTorch in a process of its own, asked for one sample at a time; undefined where it is not installed. */
class Torch {
  private readonly replies: AsyncIterator<string, undefined>;

  private constructor(private readonly child: ChildProcessWithoutNullStreams) {
    this.replies = createInterface({ input: child.stdout })[Symbol.asyncIterator]() as AsyncIterator<
      string,
      undefined
    >;
  }

  static async start(): Promise<Torch | undefined> {
    // Debian's own Python has Debian's PyTorch, which takes Debian's BLAS.
    const python = ["/usr/bin/python3", "python3"].find(
      (name) => spawnSync(name, ["-c", "import torch"]).status === 0,
    );
    if (python === undefined) return undefined;
    const script = join(__dirname, "../../../bench/linalg/pytorch.py");
    const torch = new Torch(spawn(python, [script, folder], { stdio: "pipe" }));
    const { version, threads } = await torch.next<{ version: string; threads: number }>();
    print(`PyTorch ${version}, ${threads} threads beside those of its BLAS`);
    return torch;
  }

  sample(row: Row): Promise<Sample> {
    this.child.stdin.write(`${row.name}\n`);
    return this.next();
  }

  end(): void {
    this.child.stdin.end();
  }

  private async next<T>(): Promise<T> {
    const { value, done } = await this.replies.next();
    if (done === true) throw new Error("pytorch.py has ended");
    return JSON.parse(value) as T;
  }
}

async function timed(run: () => Promise<Numbers>): Promise<Sample> {
  const start = performance.now();
  const numbers = await run();
  return { seconds: (performance.now() - start) / 1000, numbers };
}

function median(samples: readonly Sample[]): number {
  return samples.map(({ seconds }) => seconds).sort((a, b) => a - b)[samples.length >> 1];
}

/** The greatest difference, relative to the greatest number. */
function distance(a: Numbers, b: Numbers): number {
  const size = Array.from(b).reduce((most, x) => Math.max(most, Math.abs(x)), 0);
  return Array.from(a).reduce((most, x, i) => Math.max(most, Math.abs(x - b[i])), 0) / size;
}

async function measure(row: Row, torch: Torch | undefined): Promise<string> {
  const own: Sample[] = [await timed(row.run)];
  const theirs: Sample[] = torch ? [await torch.sample(row)] : [];
  if (torch) {
    const difference = distance(own[0].numbers, theirs[0].numbers);
    if (!(difference <= allowed)) return `${row.title.padEnd(16)} differs by ${difference.toPrecision(2)}`;
  }
  const first = own.pop()!;
  theirs.pop();
  for (let round = 0; round < rounds; round++) {
    own.push(await timed(row.run));
    if (torch) theirs.push(await torch.sample(row));
  }
  const cells = [
    (median(own) * 1e3).toFixed(1),
    torch ? (median(theirs) * 1e3).toFixed(1) : "–",
    torch ? (median(own) / median(theirs)).toFixed(2) : "–",
    (first.seconds * 1e3).toFixed(0),
  ];
  return row.title.padEnd(16) + cells.map((cell) => cell.padStart(12)).join("");
}

async function main(): Promise<void> {
  const { rows, report: makeReport } = await makeRows();
  const { linearAlgebra } = (await report.devices()).numbers;
  print(`Saddle with ${linearAlgebra.library ?? "JavaScript"}, ${linearAlgebra.threads ?? "?"} threads`);
  const torch = await Torch.start();
  if (torch === undefined) print("There is no PyTorch to measure beside: apt-get install python3-torch.");
  print("medians, ms      " + ["saddle", "torch", "ratio", "first"].map((c) => c.padStart(11)).join(" "));
  for (const row of rows) print(await measure(row, torch));
  torch?.end();
  const { seconds } = await timed(async () => {
    await makeReport();
    return [];
  });
  print(`report.hessian of the same 650 parameters, figures and all: ${seconds.toFixed(2)} s`);
}

withDevice(cpu, main).catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
});
