import { engines, isInstalled, runRanks } from "../../test/lib/parallel/support/ranks";

/**
 * Ranks of one machine: what an all-reduce moves beside a copy in memory, and what a second rank with a core of its own
 * adds to a first one's steps. Run on a quiet machine with two cores or more.
 */
const print = (line: string) => void process.stdout.write(`${line}\n`);
const sizes = [4, 64 << 10, 4 << 20, 64 << 20];

/** A core a rank, for all threads that the process has and will have. */
const pinned = `
  require("child_process").execFileSync("taskset", ["-acp", String(comm.rank), String(process.pid)]);`;

const allReduce = (bytes: number) => `${pinned}
  const values = new Float32Array(${bytes} / 4).fill(1e-9);
  const times = ${bytes} > 1e6 ? 8 : 200;
  for (let i = 0; i < 3; i++) await comm.allReduce(values);
  const seconds = [];
  for (let i = 0; i < times; i++) {
    const start = performance.now();
    await comm.allReduce(values);
    seconds.push((performance.now() - start) / 1000);
  }
  return seconds.sort((a, b) => a - b)[Math.floor(times / 2)];`;

const batchSize = 2048;

/** Steps a second; each rank computes its share of the batch, on the GPU's software driver with one thread. */
const training = `${pinned}
  const { parallel, tensor, ones } = sd;
  const batch = parallel.shard([ones([${batchSize}, 256]).mul(0.1), ones([${batchSize}, 1])]);
  let params = { a: ones([256, 256]).mul(0.01), b: ones([256, 1]).mul(0.01) };
  const loss = ({ a, b }, x, y) => x.matmul(a).tanh().matmul(b).sub(y).square().mean();
  const step = parallel.dataParallel(loss);
  const once = async () => {
    const { grads } = await step(params, ...batch);
    params = { a: params.a.sub(grads.a.mul(0.01)), b: params.b.sub(grads.b.mul(0.01)) };
  };
  for (let i = 0; i < 3; i++) await once();
  const start = performance.now();
  const before = comm.traffic.seconds;
  for (let i = 0; i < 30; i++) await once();
  const seconds = (performance.now() - start) / 1000;
  return [30 / seconds, (comm.traffic.seconds - before) / seconds];`;

function copySeconds(bytes: number): number {
  const [from, to] = [new Float32Array(bytes / 4).fill(1), new Float32Array(bytes / 4)];
  const seconds = Array.from({ length: 12 }, () => {
    const start = performance.now();
    to.set(from);
    return (performance.now() - start) / 1000;
  });
  return seconds.sort((a, b) => a - b)[6];
}

async function measureAllReduce(): Promise<void> {
  print("All-reduce of float32 between 2 ranks with a core each, median");
  for (const bytes of sizes) {
    const columns = [`copy ${gigabytes(bytes / copySeconds(bytes))}`];
    for (const engine of engines.filter(isInstalled)) {
      const seconds = Math.max(...(await runRanks<number>(engine, 2, allReduce(bytes))));
      columns.push(`${engine} ${(1e6 * seconds).toFixed(0)} µs ${gigabytes(bytes / seconds)}`);
      if (engine === "shm" && bytes === sizes.at(-1)) {
        verdict(`shm, ${bytes >> 20} MiB`, bytes / seconds / 1e9, 2, "GB/s");
      }
    }
    print(`${String(bytes).padStart(9)} bytes  ${columns.join("   ")}`);
  }
}

async function measureTraining(): Promise<void> {
  print(`Steps a second, ranks with a core each, one batch of ${batchSize} between them`);
  const oneThread = { SADDLE_DEVICE: "", LP_NUM_THREADS: "1" };
  const [[one]] = await runRanks<number[]>("shm", 1, training, oneThread);
  const [[two, communicating]] = await runRanks<number[]>("shm", 2, training, oneThread);
  // What an all-reduce that overlaps with the backward pass could save at most, waiting for the other rank included.
  const share = `${(100 * communicating).toFixed(0)} % of it in the all-reduce`;
  print(`1 rank ${one.toFixed(1)}   2 ranks ${two.toFixed(1)}, ${share}`);
  verdict("2 ranks over 1", two / one, 1.5, "×");
}

function gigabytes(rate: number): string {
  return `${(rate / 1e9).toFixed(2)} GB/s`;
}

function verdict(what: string, value: number, wanted: number, unit: string): void {
  const met = value >= wanted ? "met" : "MISSED";
  print(`${what}: ${value.toFixed(2)} ${unit}, wanted ${wanted.toFixed(1)} ${unit}: ${met}`);
}

void measureAllReduce().then(measureTraining);
