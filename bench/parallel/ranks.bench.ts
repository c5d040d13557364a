import { engines, isInstalled, runRanks } from "../../test/lib/parallel/support/ranks";

/**
 * Ranks of one machine: what an all-reduce moves beside a copy in memory, and what a second rank with a core of its own
 * adds to a first one's steps. Run on a quiet machine with two cores or more.
 */
const print = (line: string) => void process.stdout.write(`${line}\n`);
const sizes = [4, 64 << 10, 4 << 20, 64 << 20];

const allReduce = (bytes: number) => `
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

/** Steps a second on batches of 1024; each rank computes its share, pinned to a core, with one thread. */
const training = `
  require("child_process").execFileSync("taskset", ["-acp", String(comm.rank), String(process.pid)]);
  const { parallel, tensor, ones } = sd;
  const batch = parallel.shard([ones([1024, 256]).mul(0.1), ones([1024, 1])]);
  let params = { a: ones([256, 256]).mul(0.01), b: ones([256, 1]).mul(0.01) };
  const loss = ({ a, b }, x, y) => x.matmul(a).tanh().matmul(b).sub(y).square().mean();
  const step = parallel.dataParallel(loss);
  const once = async () => {
    const { grads } = await step(params, ...batch);
    params = { a: params.a.sub(grads.a.mul(0.01)), b: params.b.sub(grads.b.mul(0.01)) };
  };
  for (let i = 0; i < 3; i++) await once();
  const start = performance.now();
  for (let i = 0; i < 30; i++) await once();
  return 30 / ((performance.now() - start) / 1000);`;

function copySeconds(bytes: number): number {
  const [from, to] = [new Float32Array(bytes / 4).fill(1), new Float32Array(bytes / 4)];
  const seconds = Array.from({ length: 12 }, () => {
    const start = performance.now();
    to.set(from);
    return (performance.now() - start) / 1000;
  });
  return seconds.sort((a, b) => a - b)[6];
}

async function measure(): Promise<void> {
  print("All-reduce of float32 between 2 ranks, median");
  for (const bytes of sizes) {
    const columns = [`copy ${gigabytes(bytes, copySeconds(bytes))}`];
    for (const engine of engines.filter(isInstalled)) {
      const seconds = await runRanks<number>(engine, 2, allReduce(bytes));
      columns.push(
        `${engine} ${(1e6 * Math.max(...seconds)).toFixed(0)} µs ${gigabytes(bytes, Math.max(...seconds))}`,
      );
    }
    print(`${String(bytes).padStart(9)} bytes  ${columns.join("   ")}`);
  }
  print("Steps a second, ranks with a core each, one batch of 1024 between them");
  const oneThread = { SADDLE_DEVICE: "", LP_NUM_THREADS: "1" };
  const [one] = await runRanks<number>("shm", 1, training, oneThread);
  const [two] = await runRanks<number>("shm", 2, training, oneThread);
  print(`1 rank ${one.toFixed(1)}   2 ranks ${two.toFixed(1)}   ${(two / one).toFixed(2)} ×`);
}

function gigabytes(bytes: number, seconds: number): string {
  return `${(bytes / seconds / 1e9).toFixed(2)} GB/s`;
}

void measure();
