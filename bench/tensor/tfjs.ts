/** The workloads as a user of TensorFlow.js writes them; images and kernels have their channels last there. */
import { trainingResults, type Programs, type Run } from "./library";
import { channelsFirst, channelsLast, kernelsFirst, kernelsLast, transposed, type Numbers } from "./numbers";
import { loadPeer } from "./peers";
import type { Tf, TfTensor } from "./tfjs-types";
import type { Batch, Convolution, Tasks, Training } from "./workload";

const tf = loadPeer("@tensorflow/tfjs") as Tf;
loadPeer("@tensorflow/tfjs-backend-webgpu");

/** The layout in which a parameter lies on the device, and the way back. */
interface Layout {
  readonly toDevice: (numbers: Numbers) => Numbers;
  readonly fromDevice: (numbers: Numbers) => Numbers;
}

const asIs: Layout = { toDevice: (x) => x, fromDevice: (x) => x };
const kernel: Layout = { toDevice: kernelsLast, fromDevice: kernelsFirst };
const flattened = (order: readonly number[], shape: readonly number[]) => (x: Numbers) => ({
  ...transposed({ shape, data: x.data }, order),
  shape: x.shape,
});
/** Rows of LeNet's first dense layer follow the features, which are flattened with the channels last. */
const dense: Layout = {
  toDevice: flattened([1, 2, 0, 3], [16, 4, 4, 120]),
  fromDevice: flattened([2, 0, 1, 3], [4, 4, 16, 120]),
};
const channel: Layout = { toDevice: ({ data }) => ({ shape: [data.length], data }), fromDevice: (x) => x };
const lenetLayouts: Readonly<Record<string, Layout>> = {
  ...{ c1: kernel, d1: channel, c2: kernel, d2: channel, w1: dense },
};

const put = ({ data, shape }: Numbers) => tf.tensor(data, shape);
const finish = () => {
  const backend = tf.backend();
  if (backend.commandEncoder) {
    backend.endComputePassEncoder();
    backend.submitQueue();
  }
  return backend.device.queue.onSubmittedWorkDone();
};

/** Many results, computed again and again, named by `read` at the first time. */
function callsFor(f: () => TfTensor[], read: (results: TfTensor[]) => ReturnType<Run["first"]>): Run {
  const call = () => tf.tidy(f);
  let last: TfTensor[] = [];
  return {
    start: () => {
      for (const t of last) t.dispose();
      last = call();
    },
    finish,
    first: () => read(call()),
  };
}

function calls(f: () => TfTensor): Run {
  return callsFor(
    () => [f()],
    async ([y]) => ({ y: await y.data() }),
  );
}

async function firstChannels(images: TfTensor): Promise<Float32Array> {
  return channelsFirst({ shape: images.shape, data: await images.data() }).data;
}

function layerNorm(task: Tasks["layerNorm"]): Run {
  const [x, gamma, beta] = [put(task.x), put(task.gamma), put(task.beta)];
  return calls(() => {
    const centred = tf.sub(x, tf.mean(x, -1, true));
    const variance = tf.mean(tf.square(centred), -1, true);
    return tf.add(tf.mul(tf.div(centred, tf.sqrt(tf.add(variance, 1e-5))), gamma), beta);
  });
}

function convolution({ x, w, stride, padding }: Convolution): Run {
  const [images, kernels] = [put(channelsLast(x)), put(kernelsLast(w))];
  return callsFor(
    () => [tf.conv2d(images, kernels, stride, padding)],
    async ([y]) => ({ y: await firstChannels(y) }),
  );
}

function convolutionGradients(task: Tasks["convolutionGradients"]): Run {
  const [x, w] = [put(channelsLast(task.x)), put(kernelsLast(task.w))];
  const cotangent = put(channelsLast(task.cotangent));
  const gradients = tf.grads((a, b) => tf.sum(tf.mul(tf.conv2d(a, b, task.stride, task.padding), cotangent)));
  return callsFor(
    () => gradients([x, w]),
    async ([inX, inW]) => ({
      x: await firstChannels(inX),
      w: kernelsFirst({ shape: inW.shape, data: await inW.data() }).data,
    }),
  );
}

const crossEntropy = (logits: TfTensor, targets: TfTensor) =>
  tf.mul(tf.sum(tf.mul(tf.logSoftmax(logits), targets)), -1 / logits.shape[0]);

function mlpLoss(x: TfTensor, targets: TfTensor) {
  return (...[w1, b1, w2, b2]: TfTensor[]) =>
    crossEntropy(tf.add(tf.matMul(tf.relu(tf.add(tf.matMul(x, w1), b1)), w2), b2), targets);
}

function lenetLoss(images: TfTensor, targets: TfTensor) {
  const block = (x: TfTensor, w: TfTensor, bias: TfTensor) =>
    tf.maxPool(tf.relu(tf.add(tf.conv2d(x, w, 1, "valid"), bias)), 2, 2, "valid");
  return (...[c1, d1, c2, d2, w1, b1, w2, b2, w3, b3]: TfTensor[]) => {
    let hidden = tf.reshape(block(block(images, c1, d1), c2, d2), [images.shape[0], 256]);
    hidden = tf.relu(tf.add(tf.matMul(hidden, w1), b1));
    hidden = tf.relu(tf.add(tf.matMul(hidden, w2), b2));
    return crossEntropy(tf.add(tf.matMul(hidden, w3), b3), targets);
  };
}

function training(
  loss: (...parameters: TfTensor[]) => TfTensor,
  task: Training,
  read = false,
  layouts: Readonly<Record<string, Layout>> = {},
): Run {
  const gradients = tf.valueAndGrads(loss);
  const names = Object.keys(task.parameters);
  const layoutOf = (name: string) => layouts[name] ?? asIs;
  let parameters = names.map((name) => put(layoutOf(name).toDevice(task.parameters[name])));
  let value: TfTensor | undefined;
  const start = () => {
    value?.dispose();
    const [now, ...moved] = tf.tidy(() => {
      const { value, grads } = gradients(parameters);
      return [value, ...parameters.map((p, i) => tf.sub(p, tf.mul(grads[i], task.learningRate)))];
    });
    for (const p of parameters) p.dispose();
    parameters = moved;
    return (value = now);
  };
  const readParameter = async (name: string) => {
    const p = parameters[names.indexOf(name)];
    return layoutOf(name).fromDevice({ shape: p.shape, data: await p.data() }).data;
  };
  return {
    start: read ? () => start().data() : start,
    finish,
    first: async () => trainingResults(await start().data(), task.parameters, readParameter),
  };
}

// Its own tanh and log-softmax have no second derivatives (one throws, the other is silently wrong), so a
// user who wants a Hessian writes them anew.
const exp: (x: TfTensor) => TfTensor = tf.customGrad((x, save) => {
  save([x]);
  return { value: tf.exp(x), gradFunc: (cotangent, [saved]) => tf.mul(cotangent, exp(saved)) };
});
const tanh: (x: TfTensor) => TfTensor = tf.customGrad((x, save) => {
  save([x]);
  const slope = (y: TfTensor) => tf.sub(1, tf.mul(y, y));
  return { value: tf.tanh(x), gradFunc: (cotangent, [saved]) => tf.mul(cotangent, slope(tanh(saved))) };
});

function smoothLoss({ x, targets }: { x: TfTensor; targets: TfTensor }) {
  return (...[w1, b1, w2, b2]: TfTensor[]) => {
    const logits = tf.add(tf.matMul(tanh(tf.add(tf.matMul(x, w1), b1)), w2), b2);
    const logSum = tf.log(tf.sum(exp(logits), -1, true));
    return tf.mul(tf.sum(tf.mul(tf.sub(logits, logSum), targets)), -1 / x.shape[0]);
  };
}

const putBatch = ({ x, targets }: Batch) => ({ x: put(x), targets: put(targets) });

function hessianVectorProduct(task: Tasks["hvp"]): Run {
  const loss = smoothLoss(putBatch(task));
  const names = Object.keys(task.parameters);
  const parameters = names.map((name) => put(task.parameters[name]));
  const tangents = names.map((name) => put(task.tangents[name]));
  const product = tf.grads((...p) =>
    tf
      .grads(loss)(p)
      .map((gradient, i) => tf.sum(tf.mul(gradient, tangents[i])))
      .reduce((a, b) => tf.add(a, b)),
  );
  return callsFor(
    () => product(parameters),
    async (results) =>
      Object.fromEntries(await Promise.all(results.map(async (t, i) => [names[i], await t.data()] as const))),
  );
}

function fullHessian({ flat, parts, ...batch }: Tasks["hessian"]): Run {
  const loss = smoothLoss(putBatch(batch));
  const flatLoss = (p: TfTensor) =>
    loss(...parts.map(({ from, to, shape }) => tf.reshape(tf.slice(p, [from], [to - from]), shape)));
  const size = flat.data.length;
  const basis = Array.from({ length: size }, (_, i) =>
    tf.tensor(
      new Float32Array(size).map((_, j) => (i === j ? 1 : 0)),
      [size],
    ),
  );
  const point = put(flat);
  const row = (direction: TfTensor) =>
    tf.tidy(() => tf.grad((p) => tf.sum(tf.mul(tf.grad(flatLoss)(p), direction)))(point));
  return calls(() => tf.stack(basis.map(row)));
}

function adds({ x, y, count }: Tasks["adds"]): Run {
  const [start, step] = [put(x), put(y)];
  return calls(() => {
    let sum = start;
    for (let i = 0; i < count; i++) sum = tf.add(sum, step);
    return sum;
  });
}

function upload({ x }: Tasks["upload"]): Run {
  const start = async () => {
    const uploaded = put(x);
    const element = tf.slice(uploaded, [0], [1]);
    const [value] = await element.data();
    for (const t of [uploaded, element]) t.dispose();
    return value;
  };
  return { start, finish: () => {}, first: async () => ({ y: [await start()] }) };
}

function readBack({ x }: Tasks["readBack"]): Run {
  const given = put(x);
  // Computed each time, for what was read once is kept on the host.
  const start = async () => {
    const negative = tf.neg(given);
    const data = await negative.data();
    negative.dispose();
    return data;
  };
  return { start, finish: () => {}, first: async () => ({ y: await start() }) };
}

const programs: Programs = {
  matmul: (task) => {
    const [a, b] = [put(task.a), put(task.b)];
    return calls(() => tf.matMul(a, b));
  },
  chain: (task) => {
    const x = put(task.x);
    return calls(() => {
      const root = tf.sqrt(tf.abs(tf.add(tf.mul(x, 1.5), 0.25)));
      return tf.add(tf.mul(tf.exp(tf.neg(root)), x), 0.5);
    });
  },
  reduction: ({ x, operation, axis }) => {
    const given = put(x);
    return calls(() => tf[operation](given, axis));
  },
  softmax: (task) => {
    const x = put(task.x);
    return calls(() => tf.softmax(x, -1));
  },
  layerNorm,
  convolution,
  convolutionGradients,
  mlpStep: (task) => training(mlpLoss(put(task.x), put(task.targets)), task),
  mlpLoss: (task) => training(mlpLoss(put(task.x), put(task.targets)), task, true),
  lenetStep: (task) =>
    training(lenetLoss(put(channelsLast(task.x)), put(task.targets)), task, false, lenetLayouts),
  hvp: hessianVectorProduct,
  hessian: fullHessian,
  adds,
  upload,
  readBack,
};

export async function openTfjs(): Promise<Programs> {
  await tf.setBackend("webgpu");
  await tf.ready();
  return programs;
}
