/** A training step of an MLP in nine kernels, for sizes that their tiles divide; logits are padded to 32 columns. */
import { trainingResults, type Run } from "../library";
import type { Numbers } from "../numbers";
import type { Parameters, Training } from "../workload";
import { gemmKernel, tileFor, type Gemm } from "./gemm";
import { binding, type Dispatch, type Gpu, type Kernel } from "./gpu";
import { totalKernel } from "./rows";

const padded = 32;

interface Sizes {
  readonly batch: number;
  readonly inputs: number;
  readonly hidden: number;
  readonly outputs: number;
  readonly rate: number;
}

/** `rows` of any width as rows of 32, and back. */
function widen({ shape: [rows, columns], data }: Numbers): Float32Array {
  const wide = new Float32Array(rows * padded);
  for (let r = 0; r < rows; r++) wide.set(data.subarray(r * columns, (r + 1) * columns), r * padded);
  return wide;
}

function narrow(data: Float32Array, columns: number): Float32Array {
  return data.filter((_, i) => i % padded < columns);
}

/** Log-softmax's loss a row, and its gradient in the logits. */
function lossKernel(lanes: number, { batch, outputs }: Sizes): Kernel {
  const code = `${binding(0, "z", "f32")}${binding(1, "t", "f32")}${binding(2, "dz", "f32", "read_write")}${binding(3, "loss", "f32", "read_write")}
    @compute @workgroup_size(${lanes}) fn main(@builtin(global_invocation_id) g: vec3u) {
      let first = g.x * ${padded}u;
      let end = first + ${outputs}u + arrayLength(&loss) - ${batch}u;
      var greatest = -3e38;
      for (var i = first; i < end; i++) { greatest = max(greatest, z[i]); }
      var s = 0.0;
      for (var i = first; i < end; i++) { s += exp(z[i] - greatest); }
      let logSum = greatest + log(s);
      var total = 0.0;
      for (var i = first; i < end; i++) {
        total += t[i] * (logSum - z[i]);
        dz[i] = (exp(z[i] - logSum) - t[i]) * ${1 / batch};
      }
      loss[g.x] = total * ${1 / batch};
    }`;
  return { code, workgroups: [batch / lanes, 1, 1] };
}

/** (dz·w2ᵀ) where the hidden units are active, four of them an invocation. */
function hiddenGradientKernel({ batch, hidden, outputs }: Sizes): Kernel {
  const weights = [0, 1, 2, 3].map((n) => `w2[(unit + ${n}u) * ${padded}u + i]`).join(", ");
  const code = `${binding(0, "dz", "f32")}${binding(1, "w2", "f32")}${binding(2, "h", "vec4f")}${binding(3, "dh", "vec4f", "read_write")}
    @compute @workgroup_size(64) fn main(@builtin(global_invocation_id) g: vec3u) {
      let row = g.x / ${hidden / 4}u;
      let unit = g.x % ${hidden / 4}u * 4u;
      let end = arrayLength(&dz) / ${batch}u - ${padded - outputs}u;
      var s = vec4f();
      for (var i = 0u; i < end; i++) { s += dz[row * ${padded}u + i] * vec4f(${weights}); }
      dh[g.x] = select(vec4f(), s, h[g.x] > vec4f());
    }`;
  return { code, workgroups: [(batch * hidden) / 4 / 64, 1, 1] };
}

/** y -= rate · the sum of a's rows. */
function biasKernel(lanes: number, { batch, rate }: Sizes, columns: number): Kernel {
  const code = `${binding(0, "a", "f32")}${binding(1, "y", "f32", "read_write")}
    @compute @workgroup_size(${lanes}) fn main(@builtin(global_invocation_id) g: vec3u) {
      var s = 0.0;
      for (var row = 0u; row < ${batch}u; row++) { s += a[row * ${columns}u + g.x]; }
      y[g.x] -= s * ${rate};
    }`;
  return { code, workgroups: [columns / lanes, 1, 1] };
}

type Buffers = Readonly<Record<"w1" | "b1" | "w2" | "b2", GPUBuffer>>;

function putParameters(gpu: Gpu, { w1, b1, w2, b2 }: Parameters): Buffers {
  const b2Row = widen({ shape: [1, b2.data.length], data: b2.data });
  return {
    w1: gpu.buffer(w1.data),
    b1: gpu.buffer(b1.data),
    w2: gpu.buffer(widen(w2)),
    b2: gpu.buffer(b2Row),
  };
}

/** c = activate(a·b + bias). */
function layer(activate: (v: string) => string): Pick<Gemm, "declarations" | "epilogue"> {
  return {
    declarations: binding(3, "bias", "vec4f"),
    epilogue: (v, index, column) => `c[${index}] = ${activate(`(${v} + bias[${column}])`)};`,
  };
}

/** The step's kernels, which leave the loss in `loss`. */
function stepDispatches(gpu: Gpu, task: Training, sizes: Sizes, p: Buffers, loss: GPUBuffer): Dispatch[] {
  const { lanes } = gpu;
  const { batch, inputs, hidden, rate } = sizes;
  const [x, targets] = [gpu.buffer(task.x.data), gpu.buffer(widen(task.targets))];
  const [h, dh, z, dz] = [hidden, hidden, padded, padded].map((columns) => gpu.buffer(batch * columns));
  const losses = gpu.buffer(batch);
  const gemm = (g: Gemm) => gemmKernel(lanes, { subgroups: 1, ...g });
  const tile = tileFor(lanes);
  const first = { rows: batch, columns: hidden, inner: inputs, ...tile };
  const second = { rows: batch, columns: padded, inner: hidden, rowsPerLane: 8 };
  const descend: Pick<Gemm, "transposeA" | "epilogue"> = {
    transposeA: true,
    epilogue: (v, index) => `c[${index}] -= ${v} * ${rate};`,
  };
  return [
    gpu.dispatch(gemm({ ...first, ...layer((v) => `max(${v}, vec4f())`) }), x, p.w1, h, p.b1),
    gpu.dispatch(gemm({ ...second, ...layer((v) => v) }), h, p.w2, z, p.b2),
    gpu.dispatch(lossKernel(lanes, sizes), z, targets, dz, losses),
    gpu.dispatch(hiddenGradientKernel(sizes), dz, p.w2, h, dh),
    gpu.dispatch(gemm({ rows: hidden, columns: padded, inner: batch, ...descend }), h, dz, p.w2),
    gpu.dispatch(gemm({ rows: inputs, columns: hidden, inner: batch, ...tile, ...descend }), x, dh, p.w1),
    gpu.dispatch(biasKernel(lanes, sizes, hidden), dh, p.b1),
    gpu.dispatch(biasKernel(lanes, sizes, padded), dz, p.b2),
    gpu.dispatch(totalKernel(lanes), losses, loss),
  ];
}

/** `read`: the loss at every step. */
export function mlpRun(gpu: Gpu, task: Training, read: boolean): Run {
  const [inputs, hidden] = task.parameters.w1.shape;
  const [batch, outputs] = task.targets.shape;
  const buffers = putParameters(gpu, task.parameters);
  const loss = gpu.buffer(4);
  const sizes = { batch, inputs, hidden, outputs, rate: task.learningRate };
  const readLoss = async () => (await gpu.read(loss)).subarray(0, 1);
  const readParameter = async (name: string) => {
    const data = await gpu.read(buffers[name as keyof Buffers]);
    return name === "w2" || name === "b2" ? narrow(data, outputs) : data;
  };
  const run = gpu.run(stepDispatches(gpu, task, sizes, buffers, loss), async () =>
    trainingResults(await readLoss(), task.parameters, readParameter),
  );
  const startAndRead = () => {
    run.start();
    return readLoss();
  };
  return read ? { ...run, start: startAndRead } : run;
}
