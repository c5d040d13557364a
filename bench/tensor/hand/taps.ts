/** 3 × 3 convolution with stride 1 and padding 1, images NHWC and kernels HWIO, as a matrix product without its matrix. */
import { binding, repeat, type Kernel } from "./gpu";

export interface Images {
  readonly count: number;
  readonly height: number;
  readonly width: number;
  readonly channels: number;
  readonly filters: number;
}

const pixelsPerLane = 16;

/** As `gemmKernel`: lanes along the filters, pixels of a row broadcast, a tap of the kernel after the other. */
export function convolutionKernel(lanes: number, images: Images): Kernel {
  const { count, height, width, channels, filters } = images;
  const vectors = filters / 4 >= 2 * lanes && lanes === 4 ? 2 : 1;
  const tiles = pixelsPerLane / lanes;
  const locate = (n: number) =>
    `let column${n} = left + i32(lane) + ${n * lanes} + dx;
     let inside${n} = column${n} >= 0 && column${n} < ${width};
     let at${n} = select(0u, (image * ${height * width}u + u32(row * ${width} + column${n})) * ${channels / 4}u, inside${n});`;
  const multiply = (c: number) =>
    repeat(
      vectors,
      (j) =>
        `let b${c}_${j} = w[(tap * ${channels}u + k * 4u + ${c}u) * ${filters / 4}u + c0 + ${j * lanes}u];`,
    ) +
    repeat(
      pixelsPerLane,
      (i) =>
        `let a${c}_${i} = vec4f(subgroupBroadcast(x${Math.floor(i / lanes)}[${c}], ${i % lanes}u));` +
        repeat(vectors, (j) => `s${i}_${j} = fma(a${c}_${i}, b${c}_${j}, s${i}_${j});`),
    );
  const code = `${binding(0, "x", "vec4f")}${binding(1, "w", "vec4f")}${binding(2, "y", "vec4f", "read_write")}
    @compute @workgroup_size(${lanes})
    fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_id) l: vec3u) {
      let lane = l.x;
      let c0 = group.x * ${lanes * vectors}u + lane;
      let p0 = group.y * ${pixelsPerLane}u;
      let image = p0 / ${height * width}u;
      let top = i32(p0 / ${width}u % ${height}u);
      let left = i32(p0 % ${width}u);
      ${repeat(pixelsPerLane, (i) => repeat(vectors, (j) => `var s${i}_${j} = vec4f();`))}
      let taps = arrayLength(&w) / ${(channels * filters) / 4}u;
      let end = arrayLength(&x) / ${count * height * width}u;
      for (var tap = 0u; tap < taps; tap++) {
        let row = top + i32(tap / 3u) - 1;
        let dx = i32(tap % 3u) - 1;
        if (row < 0 || row >= ${height}) { continue; }
        ${repeat(tiles, locate)}
        for (var k = 0u; k < end; k++) {
          ${repeat(tiles, (n) => `let x${n} = select(vec4f(), x[at${n} + k], inside${n});`)}
          ${repeat(4, multiply)}
        }
      }
      ${repeat(pixelsPerLane, (i) =>
        repeat(vectors, (j) => `y[(p0 + ${i}u) * ${filters / 4}u + c0 + ${j * lanes}u] = s${i}_${j};`),
      )}
    }`;
  const pixels = count * height * width;
  return { code, workgroups: [filters / 4 / (lanes * vectors), pixels / pixelsPerLane, 1] };
}

/** The kernels upside down and with input and output exchanged: convolving with them gives the images' gradient. */
export function flipKernel({ channels, filters }: Images): Kernel {
  const code = `${binding(0, "w", "f32")}${binding(1, "y", "f32", "read_write")}
    @compute @workgroup_size(64) fn main(@builtin(global_invocation_id) g: vec3u) {
      let filter_ = g.x % ${filters}u;
      let channel = g.x / ${filters}u % ${channels}u;
      let tap = g.x / ${filters * channels}u;
      y[(8u - tap) * ${channels * filters}u + filter_ * ${channels}u + channel] = w[g.x];
    }`;
  return { code, workgroups: [(9 * channels * filters) / 64, 1, 1] };
}

/** The kernels' gradient, in `splits` parts: xᵀ·cotangent for each tap, each part over its share of the pixels. */
export function kernelGradientKernel(lanes: number, images: Images, splits: number): Kernel {
  const { count, height, width, channels, filters } = images;
  const share = (count * height * width) / splits;
  const load = (n: number) =>
    `let n${n} = lane + ${n * lanes}u;
     let column${n} = left + i32(n${n} / 4u) + dx;
     let row${n} = top + dy;
     let inside${n} = column${n} >= 0 && column${n} < ${width} && row${n} >= 0 && row${n} < ${height};
     let at${n} = (image * ${height * width}u + u32(row${n} * ${width} + column${n})) * ${channels / 4}u + m0 + n${n} % 4u;
     let x${n} = select(vec4f(), x[select(0u, at${n}, inside${n})], inside${n});`;
  const multiply = (c: number) =>
    `let b${c} = dy_[(p0 + ${c}u) * ${filters / 4}u + c0];` +
    repeat(16, (i) => {
      const item = c * 4 + (i >> 2);
      return `s${i} = fma(vec4f(subgroupBroadcast(x${Math.floor(item / lanes)}[${i & 3}], ${item % lanes}u)), b${c}, s${i});`;
    });
  const code = `${binding(0, "x", "vec4f")}${binding(1, "dy_", "vec4f")}${binding(2, "y", "vec4f", "read_write")}
    @compute @workgroup_size(${lanes})
    fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_id) l: vec3u) {
      let lane = l.x;
      let tap = group.y / ${channels / 16}u;
      let m0 = (group.y % ${channels / 16}u) * 4u;
      let dy = i32(tap / 3u) - 1;
      let dx = i32(tap % 3u) - 1;
      let c0 = group.x * ${lanes}u + lane;
      ${repeat(16, (i) => `var s${i} = vec4f();`)}
      for (var p = 0u; p < ${share / 4}u; p++) {
        let p0 = group.z * ${share}u + p * 4u;
        let image = p0 / ${height * width}u;
        let top = i32(p0 / ${width}u % ${height}u);
        let left = i32(p0 % ${width}u);
        ${repeat(Math.ceil(16 / lanes), load)}
        ${repeat(4, multiply)}
      }
      let part = group.z * ${(9 * channels * filters) / 4}u;
      ${repeat(16, (i) => `y[part + (tap * ${channels}u + m0 * 4u + ${i}u) * ${filters / 4}u + c0] = s${i};`)}
    }`;
  return { code, workgroups: [filters / 4 / lanes, (9 * channels) / 16, splits] };
}

/** The sum of `parts` arrays of `size` after each other. */
export function sumPartsKernel(size: number, parts: number): Kernel {
  const code = `${binding(0, "a", "vec4f")}${binding(1, "y", "vec4f", "read_write")}
    @compute @workgroup_size(64) fn main(@builtin(global_invocation_id) g: vec3u) {
      y[g.x] = ${Array.from({ length: parts }, (_, i) => `a[${(i * size) / 4}u + g.x]`).join(" + ")};
    }`;
  return { code, workgroups: [size / 4 / 64, 1, 1] };
}
