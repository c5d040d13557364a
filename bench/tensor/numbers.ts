/** Arrays as every library takes them. */
export interface Numbers {
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

export function sizeOf(shape: readonly number[]): number {
  return shape.reduce((a, b) => a * b, 1);
}

/** Uniform in [-scale, scale), the same for a seed on every machine (the mulberry32 generator). */
export function uniform(shape: readonly number[], seed: number, scale = 1): Numbers {
  let state = seed;
  const data = Float32Array.from({ length: sizeOf(shape) }, () => {
    state = (state + 0x6d2b79f5) | 0;
    let bits = Math.imul(state ^ (state >>> 15), 1 | state);
    bits = (bits + Math.imul(bits ^ (bits >>> 7), 61 | bits)) ^ bits;
    return (((bits ^ (bits >>> 14)) >>> 0) / 2 ** 31 - 1) * scale;
  });
  return { shape, data };
}

/** Rows of zeros with a one at a random class, [rows, classes]. */
export function oneHotRows(rows: number, classes: number, seed: number): Numbers {
  const chosen = uniform([rows], seed).data.map((u) => Math.floor(((u + 1) / 2) * classes));
  const data = new Float32Array(rows * classes);
  chosen.forEach((label, row) => (data[row * classes + label] = 1));
  return { shape: [rows, classes], data };
}

/** `x` with its axes in the order `axes`, as NumPy's transpose. */
export function transposed({ shape, data }: Numbers, axes: readonly number[]): Numbers {
  const strides = shape.map((_, axis) => sizeOf(shape.slice(axis + 1)));
  const result = { shape: axes.map((axis) => shape[axis]), data: new Float32Array(data.length) };
  let next = 0;
  const fill = (depth: number, offset: number): void => {
    if (depth === axes.length) {
      result.data[next++] = data[offset];
      return;
    }
    for (let i = 0; i < result.shape[depth]; i++) fill(depth + 1, offset + i * strides[axes[depth]]);
  };
  fill(0, 0);
  return result;
}

/** Images and kernels with channels first, as most libraries want them, to channels last, as some do; and back. */
export const channelsLast = (images: Numbers): Numbers => transposed(images, [0, 2, 3, 1]);
export const channelsFirst = (images: Numbers): Numbers => transposed(images, [0, 3, 1, 2]);
export const kernelsLast = (kernels: Numbers): Numbers => transposed(kernels, [2, 3, 1, 0]);
export const kernelsFirst = (kernels: Numbers): Numbers => transposed(kernels, [3, 2, 0, 1]);
