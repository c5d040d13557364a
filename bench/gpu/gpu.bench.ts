/**
 * What of a real GPU Saddle reaches: `node gpu.bench.js [--size N] [--anyway]`. Matrix products beside the card's
 * arithmetic, elementwise work beside its copies. On a software driver it says so and measures nothing, unless --anyway.
 */
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { blockUntilReady, devices, exp, jit, matmul, tensor, type Tensor } from "../../lib/index";
import { repository } from "../tensor/files";
import { Gpu } from "../tensor/hand/gpu";
import { uniform } from "../tensor/numbers";
import { fmaKernel, fmaOperations } from "./peak";

/** What the library is to reach. */
const wanted = { matmul: 0.6, elementwise: 0.85 };

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

/** Seconds for one call, the best of five samples of which each takes a fifth of a second or more. */
async function secondsPerCall(call: () => void, finish: () => Promise<unknown>): Promise<number> {
  const sample = async (count: number) => {
    const start = performance.now();
    for (let i = 0; i < count; i++) call();
    await finish();
    return (performance.now() - start) / 1000;
  };
  await sample(1);
  const count = Math.max(1, Math.ceil(0.2 / (await sample(1))));
  let best = Infinity;
  for (let round = 0; round < 5; round++) best = Math.min(best, await sample(count));
  return best / count;
}

/** Of a compiled function; each result's buffer is given back for the next. */
function secondsOf(f: () => Tensor): Promise<number> {
  let last: Tensor | undefined;
  const call = () => {
    last?.dispose();
    last = f();
  };
  return secondsPerCall(call, () => blockUntilReady(last));
}

/** Operations a second of the product of two square matrices, a sample of whose elements is checked. */
async function matmulRate(size: number): Promise<number> {
  const [a, b] = [uniform([size, size], 1), uniform([size, size], 2)];
  const [x, y] = [a, b].map(({ data, shape }) => tensor(data, { shape }));
  const product = jit((p: Tensor, q: Tensor) => matmul(p, q));
  const result = await product(x, y).data();
  for (let place = 0; place < result.length; place += Math.ceil(result.length / 500)) {
    const [row, column] = [Math.floor(place / size), place % size];
    let sum = 0;
    for (let k = 0; k < size; k++) sum += a.data[row * size + k] * b.data[k * size + column];
    if (!(Math.abs(result[place] - sum) <= 1e-5 * size)) {
      throw new Error(`the product's element ${row}, ${column} is ${result[place]}, not ${sum}`);
    }
  }
  return (2 * size ** 3) / (await secondsOf(() => product(x, y)));
}

/** Bytes a second that eight elementwise ops read and write. */
async function elementwiseRate(size: number): Promise<number> {
  const x = await blockUntilReady(tensor(uniform([size], 3).data));
  const chain = jit((a: Tensor) => exp(a.mul(1.5).add(0.25).abs().sqrt().neg()).mul(a).add(0.5));
  return (8 * size) / (await secondsOf(() => chain(x)));
}

/** Operations a second of the arithmetic units, by dependent multiply-adds in registers. */
async function arithmeticPeak(gpu: Gpu): Promise<number> {
  const dispatch = gpu.dispatch(fmaKernel(), gpu.buffer(1024), gpu.buffer(1024));
  const seconds = await secondsPerCall(
    () => gpu.submit([dispatch]),
    () => gpu.finish(),
  );
  return fmaOperations / seconds;
}

async function copyBandwidth(gpu: Gpu, size: number): Promise<number> {
  const [from, to] = [gpu.buffer(size), gpu.buffer(size)];
  const seconds = await secondsPerCall(
    () => gpu.copy(from, to),
    () => gpu.finish(),
  );
  return (8 * size) / seconds;
}

/** cuBLAS in float32 through PyTorch, where this machine has both. */
function cublasRate(size: number): number | undefined {
  const script = join(repository, "bench", "gpu", "cublas.py");
  const { status, stdout } = spawnSync("python3", [script, String(size)], { encoding: "utf8" });
  return status === 0 ? Number(stdout) : undefined;
}

function row(what: string, value: number, unit: string, share?: number, least?: number): void {
  const shown = `${(value / 1e9).toPrecision(4)} ${unit}`;
  const reached =
    share === undefined ? "" : `${(100 * share).toFixed(0)} %${least ? ` (wanted: ${100 * least} %)` : ""}`;
  print(`${what.padEnd(44)}${shown.padStart(18)}   ${reached}`);
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: { size: { type: "string", default: "4096" }, anyway: { type: "boolean", default: false } },
  });
  const [device] = await devices();
  if (device.kind !== "gpu" && !values.anyway) {
    print(`${device.name} is no GPU: nothing to measure`);
    return;
  }
  const size = Number(values.size);
  const elements = Math.min(2 ** 28, 4 * size ** 2);
  const gpu = await Gpu.open();
  print(device.name);
  const peak = await arithmeticPeak(gpu);
  row("float32 multiply-adds in registers", peak, "GFLOP/s");
  const cublas = cublasRate(size);
  if (cublas !== undefined) row(`cuBLAS, matmul ${size}, float32`, cublas, "GFLOP/s", cublas / peak);
  const product = await matmulRate(size);
  const productShare = product / (cublas ?? peak);
  row(`Saddle, matmul ${size}, float32`, product, "GFLOP/s", productShare, wanted.matmul);
  const copy = await copyBandwidth(gpu, elements);
  row(`copy of ${elements / 2 ** 20} M floats`, copy, "GB/s");
  const chain = await elementwiseRate(elements);
  row("Saddle, 8 elementwise ops on as many", chain, "GB/s", chain / copy, wanted.elementwise);
  process.exitCode = productShare >= wanted.matmul && chain / copy >= wanted.elementwise ? 0 : 1;
}

main()
  .catch((error: unknown) => {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 2;
  })
  .finally(() => process.exit());
