/**
 * The workloads in WGSL written by hand, each for its one shape on a subgroup of 4 or 8 lanes: no library, but what a
 * library could reach. Only sizes that the tiles divide are here.
 */
import type { Programs, Results, Run } from "../library";
import { channelsFirst, channelsLast, kernelsFirst, kernelsLast, type Numbers } from "../numbers";
import type { Convolution, Tasks } from "../workload";
import {
  convolutionKernel,
  flipKernel,
  kernelGradientKernel,
  sumPartsKernel,
  type Images,
} from "./convolution";
import { gemmKernel, tileFor } from "./gemm";
import { Gpu } from "./gpu";
import { mlpRun } from "./mlp";
import * as rows from "./rows";

export async function openHand(): Promise<Programs> {
  return programs(await Gpu.open());
}

function programs(gpu: Gpu): Programs {
  const { lanes } = gpu;
  const total = rows.totalKernel(lanes);

  function runs(dispatches: ReturnType<Gpu["dispatch"]>[], read: () => Promise<Results>): Run {
    const start = () => gpu.submit(dispatches);
    return {
      start,
      finish: () => gpu.finish(),
      first: () => {
        start();
        return read();
      },
    };
  }

  const readInto = (y: GPUBuffer, bytes?: number) => async () => ({ y: await gpu.read(y, bytes) });

  function matmul({ a, b }: Tasks["matmul"]): Run | undefined {
    const [inner, columns] = b.shape.slice(-2);
    const batch = a.shape.length > 2 ? a.shape[0] : 1;
    const height = a.shape[a.shape.length - 2];
    if (height % 16 !== 0 || columns % 32 !== 0 || inner % 4 !== 0) return undefined;
    const y = gpu.buffer(batch * height * columns);
    const kernel = gemmKernel(lanes, { rows: height, columns, inner, batch, ...tileFor(lanes) });
    return runs([gpu.dispatch(kernel, gpu.buffer(a.data), gpu.buffer(b.data), y)], readInto(y));
  }

  function sum({ x, axis, operation }: Tasks["reduction"]): Run | undefined {
    if (axis !== undefined || operation !== "sum") return undefined;
    const parts = 1024;
    const [partial, y] = [gpu.buffer(parts), gpu.buffer(4)];
    const dispatches = [
      gpu.dispatch(rows.partialSumsKernel(x.data.length, parts), gpu.buffer(x.data), partial),
      gpu.dispatch(total, partial, y),
    ];
    return runs(dispatches, readInto(y, 4));
  }

  function imagesOf({ x, w, stride, padding }: Convolution): Images | undefined {
    const [count, channels, height, width] = x.shape;
    const [filters, , ...size] = w.shape;
    const fits = width % 16 === 0 && channels % 32 === 0 && filters % 32 === 0;
    if (!fits || stride !== 1 || padding !== 1 || size.some((n) => n !== 3)) return undefined;
    return { count, height, width, channels, filters };
  }

  const last = (images: Numbers) => gpu.buffer(channelsLast(images).data);
  const first = async (buffer: GPUBuffer, { count, height, width }: Images, channels: number) =>
    channelsFirst({ shape: [count, height, width, channels], data: await gpu.read(buffer) }).data;

  function convolution(task: Convolution): Run | undefined {
    const images = imagesOf(task);
    if (!images) return undefined;
    const y = gpu.buffer((task.x.data.length / images.channels) * images.filters);
    const kernel = convolutionKernel(lanes, images);
    const dispatch = gpu.dispatch(kernel, last(task.x), gpu.buffer(kernelsLast(task.w).data), y);
    return runs([dispatch], async () => ({ y: await first(y, images, images.filters) }));
  }

  function convolutionGradients(task: Tasks["convolutionGradients"]): Run | undefined {
    const images = imagesOf(task);
    if (!images) return undefined;
    const { channels, filters } = images;
    const size = task.w.data.length;
    const splits = 8;
    const [x, w, cotangent] = [last(task.x), gpu.buffer(kernelsLast(task.w).data), last(task.cotangent)];
    const [flipped, parts] = [gpu.buffer(size), gpu.buffer(splits * size)];
    const [inX, inW] = [gpu.buffer(task.x.data.length), gpu.buffer(size)];
    const backwards = convolutionKernel(lanes, { ...images, channels: filters, filters: channels });
    const dispatches = [
      gpu.dispatch(flipKernel(images), w, flipped),
      gpu.dispatch(backwards, cotangent, flipped, inX),
      gpu.dispatch(kernelGradientKernel(lanes, images, splits), x, cotangent, parts),
      gpu.dispatch(sumPartsKernel(size, splits), parts, inW),
    ];
    return runs(dispatches, async () => ({
      x: await first(inX, images, channels),
      w: kernelsFirst({ shape: [3, 3, channels, filters], data: await gpu.read(inW) }).data,
    }));
  }

  function adds({ x, y, count }: Tasks["adds"]): Run {
    const sum = gpu.buffer(x.data.length);
    const dispatch = gpu.dispatch(rows.addKernel(x.data.length), gpu.buffer(y.data), sum);
    const dispatches = Array.from({ length: count }, () => dispatch);
    const start = () => {
      gpu.write(sum, x.data);
      gpu.submit(dispatches);
    };
    return {
      start,
      finish: () => gpu.finish(),
      first: () => {
        start();
        return readInto(sum)();
      },
    };
  }

  function upload({ x }: Tasks["upload"]): Run {
    const y = gpu.buffer(x.data.length);
    const start = () => {
      gpu.write(y, x.data);
      return gpu.read(y, 4);
    };
    return { start, finish: () => {}, first: async () => ({ y: await start() }) };
  }

  function readBack({ x }: Tasks["readBack"]): Run {
    const y = gpu.buffer(x.data.map((value) => -value));
    const start = () => gpu.read(y);
    return { start, finish: () => {}, first: async () => ({ y: await start() }) };
  }

  return {
    matmul,
    chain: ({ x }) => {
      const y = gpu.buffer(x.data.length);
      return runs([gpu.dispatch(rows.chainKernel(x.data.length), gpu.buffer(x.data), y)], readInto(y));
    },
    reduction: sum,
    softmax: ({ x }) => {
      const y = gpu.buffer(x.data.length);
      const kernel = rows.softmaxKernel(lanes, x.shape[0], x.shape[1]);
      return runs([gpu.dispatch(kernel, gpu.buffer(x.data), y)], readInto(y));
    },
    layerNorm: ({ x, gamma, beta }) => {
      const y = gpu.buffer(x.data.length);
      const inputs = [x, gamma, beta].map(({ data }) => gpu.buffer(data));
      const kernel = rows.layerNormKernel(lanes, x.shape[0], x.shape[1]);
      return runs([gpu.dispatch(kernel, ...inputs, y)], readInto(y));
    },
    convolution,
    convolutionGradients,
    mlpStep: (task) => (task.x.shape[0] % 16 === 0 ? mlpRun(gpu, task, total, false) : undefined),
    mlpLoss: (task) => mlpRun(gpu, task, total, true),
    adds,
    upload,
    readBack,
  };
}
