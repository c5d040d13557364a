import type { Run } from "../library";
import { channelsFirst, channelsLast, kernelsFirst, kernelsLast, type Numbers } from "../numbers";
import type { Convolution, Tasks } from "../workload";
import type { Gpu } from "./gpu";
import { convolutionKernel, flipKernel, kernelGradientKernel, sumPartsKernel, type Images } from "./taps";

/** Shares of the pixels over which the kernels' gradient is summed apart. */
const splits = 8;

function imagesOf({ x, w, stride, padding }: Convolution): Images | undefined {
  const [count, channels, height, width] = x.shape;
  const [filters, , ...size] = w.shape;
  const fits = width % 16 === 0 && channels % 32 === 0 && filters % 32 === 0;
  if (!fits || stride !== 1 || padding !== 1 || size.some((n) => n !== 3)) return undefined;
  return { count, height, width, channels, filters };
}

const put = (gpu: Gpu, images: Numbers) => gpu.buffer(channelsLast(images).data);
const putKernels = (gpu: Gpu, kernels: Numbers) => gpu.buffer(kernelsLast(kernels).data);

async function read(gpu: Gpu, buffer: GPUBuffer, { count, height, width }: Images, channels: number) {
  const shape = [count, height, width, channels];
  return channelsFirst({ shape, data: await gpu.read(buffer) }).data;
}

export function convolution(gpu: Gpu, task: Convolution): Run | undefined {
  const images = imagesOf(task);
  if (!images) return undefined;
  const y = gpu.buffer((task.x.data.length / images.channels) * images.filters);
  const kernel = convolutionKernel(gpu.lanes, images);
  const dispatch = gpu.dispatch(kernel, put(gpu, task.x), putKernels(gpu, task.w), y);
  return gpu.run([dispatch], async () => ({ y: await read(gpu, y, images, images.filters) }));
}

export function convolutionGradients(gpu: Gpu, task: Tasks["convolutionGradients"]): Run | undefined {
  const images = imagesOf(task);
  if (!images) return undefined;
  const { channels, filters } = images;
  const size = task.w.data.length;
  const [x, w, cotangent] = [put(gpu, task.x), putKernels(gpu, task.w), put(gpu, task.cotangent)];
  const [flipped, parts] = [gpu.buffer(size), gpu.buffer(splits * size)];
  const [inX, inW] = [gpu.buffer(task.x.data.length), gpu.buffer(size)];
  const backwards = convolutionKernel(gpu.lanes, { ...images, channels: filters, filters: channels });
  const dispatches = [
    gpu.dispatch(flipKernel(images), w, flipped),
    gpu.dispatch(backwards, cotangent, flipped, inX),
    gpu.dispatch(kernelGradientKernel(gpu.lanes, images, splits), x, cotangent, parts),
    gpu.dispatch(sumPartsKernel(size, splits), parts, inW),
  ];
  return gpu.run(dispatches, async () => ({
    x: await read(gpu, inX, images, channels),
    w: kernelsFirst({ shape: [3, 3, channels, filters], data: await gpu.read(inW) }).data,
  }));
}
