/**
 * The workloads in WGSL written by hand, each for its one shape on a subgroup of 4 or 8 lanes: no library, but what a
 * library could reach. Only sizes that the tiles divide are here.
 */
import type { Programs, Results, Run } from "../library";
import type { Numbers } from "../numbers";
import type { Tasks } from "../workload";
import { convolution, convolutionGradients } from "./convolution";
import { gemmKernel, tileFor } from "./gemm";
import { Gpu, type Kernel } from "./gpu";
import { mlpRun } from "./mlp";
import * as rows from "./rows";

export async function openHand(): Promise<Programs> {
  const gpu = await Gpu.open();
  const { lanes } = gpu;
  return {
    matmul: (task) => matmul(gpu, task),
    chain: ({ x }) => sameShape(gpu, rows.chainKernel(x.data.length), x),
    reduction: (task) => sum(gpu, task),
    softmax: ({ x }) => sameShape(gpu, rows.softmaxKernel(lanes, x.shape[0], x.shape[1]), x),
    layerNorm: ({ x, gamma, beta }) =>
      sameShape(gpu, rows.layerNormKernel(lanes, x.shape[0], x.shape[1]), x, gamma, beta),
    convolution: (task) => convolution(gpu, task),
    convolutionGradients: (task) => convolutionGradients(gpu, task),
    mlpStep: (task) => (task.x.shape[0] % 16 === 0 ? mlpRun(gpu, task, false) : undefined),
    mlpLoss: (task) => mlpRun(gpu, task, true),
    adds: (task) => adds(gpu, task),
    upload: (task) => upload(gpu, task),
    readBack: (task) => readBack(gpu, task),
  };
}

const readInto =
  (gpu: Gpu, y: GPUBuffer, bytes?: number): (() => Promise<Results>) =>
  async () => ({ y: await gpu.read(y, bytes) });

/** One kernel whose result has the shape of its first input. */
function sameShape(gpu: Gpu, kernel: Kernel, ...inputs: readonly Numbers[]): Run {
  const y = gpu.buffer(inputs[0].data.length);
  const dispatch = gpu.dispatch(kernel, ...inputs.map(({ data }) => gpu.buffer(data)), y);
  return gpu.run([dispatch], readInto(gpu, y));
}

function matmul(gpu: Gpu, { a, b }: Tasks["matmul"]): Run | undefined {
  const [inner, columns] = b.shape.slice(-2);
  const batch = a.shape.length > 2 ? a.shape[0] : 1;
  const height = a.shape[a.shape.length - 2];
  if (height % 16 !== 0 || columns % 32 !== 0 || inner % 4 !== 0) return undefined;
  const y = gpu.buffer(batch * height * columns);
  const kernel = gemmKernel(gpu.lanes, { rows: height, columns, inner, batch, ...tileFor(gpu.lanes) });
  const dispatch = gpu.dispatch(kernel, gpu.buffer(a.data), gpu.buffer(b.data), y);
  return gpu.run([dispatch], readInto(gpu, y));
}

function sum(gpu: Gpu, { x, axis, operation }: Tasks["reduction"]): Run | undefined {
  if (axis !== undefined || operation !== "sum") return undefined;
  const parts = 1024;
  const [partial, y] = [gpu.buffer(parts), gpu.buffer(4)];
  const dispatches = [
    gpu.dispatch(rows.partialSumsKernel(x.data.length, parts), gpu.buffer(x.data), partial),
    gpu.dispatch(rows.totalKernel(gpu.lanes), partial, y),
  ];
  return gpu.run(dispatches, readInto(gpu, y, 4));
}

function adds(gpu: Gpu, { x, y, count }: Tasks["adds"]): Run {
  const sums = gpu.buffer(x.data.length);
  const dispatch = gpu.dispatch(rows.addKernel(x.data.length), gpu.buffer(y.data), sums);
  const { start, ...run } = gpu.run(
    Array.from({ length: count }, () => dispatch),
    readInto(gpu, sums),
  );
  const startAnew = () => {
    gpu.write(sums, x.data);
    start();
  };
  return {
    ...run,
    start: startAnew,
    first: () => {
      startAnew();
      return readInto(gpu, sums)();
    },
  };
}

function upload(gpu: Gpu, { x }: Tasks["upload"]): Run {
  const y = gpu.buffer(x.data.length);
  const start = () => {
    gpu.write(y, x.data);
    return gpu.read(y, 4);
  };
  return { start, finish: () => {}, first: async () => ({ y: await start() }) };
}

function readBack(gpu: Gpu, { x }: Tasks["readBack"]): Run {
  const y = gpu.buffer(x.data.map((value) => -value));
  return { start: () => gpu.read(y), finish: () => {}, first: readInto(gpu, y) };
}
