/** The workloads as a user of jax-js writes them: jitted, its reference counts kept by hand. */
import type { Jax, JaxArray, JaxTree } from "./jax-types";
import { trainingResults, type Programs, type Results, type Run } from "./library";
import type { Numbers } from "./numbers";
import { loadPeer } from "./peers";
import type { Convolution, Parameters, Tasks, Training } from "./workload";

const jax = loadPeer("@jax-js/jax") as Jax;
const { numpy: np, nn, lax, jit, tree } = jax;
const put = ({ data, shape }: Numbers) => np.array(data).reshape(shape);
const putAll = (parameters: Parameters): JaxTree =>
  Object.fromEntries(Object.entries(parameters).map(([name, numbers]) => [name, put(numbers)]));

/** The same call again and again, its results forgotten; `read` reads the first's. */
function again<T>(call: () => T, read: (results: T) => Promise<Results>): Run {
  let last: T | undefined;
  return {
    start: () => {
      if (last !== undefined) tree.dispose(last);
      last = call();
    },
    finish: () => jax.blockUntilReady(last),
    first: () => read(call()),
  };
}

const readOne = async (y: JaxArray): Promise<Results> => ({ y: await y.data() });

/** A function that is compiled and called with the same arrays. */
function calls<A extends readonly JaxArray[]>(f: (...args: A) => JaxArray, ...args: A): Run {
  const compiled = jit(f);
  return again(() => compiled(...(args.map((a) => a.ref) as readonly JaxArray[] as A)), readOne);
}

function layerNorm({ x, gamma, beta }: Tasks["layerNorm"]): Run {
  const normalise = (a: JaxArray, scale: JaxArray, shift: JaxArray) => {
    const centred = a.ref.sub(np.mean(a, -1, { keepdims: true }));
    const variance = np.mean(np.square(centred.ref), -1, { keepdims: true });
    return centred
      .div(np.sqrt(variance.add(1e-5)))
      .mul(scale)
      .add(shift);
  };
  return calls(normalise, put(x), put(gamma), put(beta));
}

function convolve({ stride, padding }: Pick<Convolution, "stride" | "padding">) {
  const around = [padding, padding] as const;
  return (x: JaxArray, w: JaxArray) => lax.convGeneralDilated(x, w, [stride, stride], [around, around]);
}

function convolutionGradients(task: Tasks["convolutionGradients"]): Run {
  const gradients = jit((x: JaxArray, w: JaxArray, cotangent: JaxArray) =>
    jax.grad((a: JaxArray, b: JaxArray) => convolve(task)(a, b).mul(cotangent).sum(), { argnums: [0, 1] })(
      x,
      w,
    ),
  );
  const [x, w, cotangent] = [put(task.x), put(task.w), put(task.cotangent)];
  return again(
    () => gradients(x.ref, w.ref, cotangent.ref),
    async ([inX, inW]) => ({ x: await inX.data(), w: await inW.data() }),
  );
}

const crossEntropy = (logits: JaxArray, targets: JaxArray, batch: number) =>
  nn
    .logSoftmax(logits)
    .mul(targets)
    .sum()
    .mul(-1 / batch);

function mlpLoss(activation: "relu" | "tanh", batch: number) {
  const activate = activation === "relu" ? nn.relu : np.tanh;
  return (p: JaxTree, x: JaxArray, targets: JaxArray) => {
    const hidden = activate(np.matmul(x, p.w1).add(p.b1));
    return crossEntropy(np.matmul(hidden, p.w2).add(p.b2), targets, batch);
  };
}

function lenetLoss(p: JaxTree, images: JaxArray, targets: JaxArray): JaxArray {
  const convolution = convolve({ stride: 1, padding: 0 });
  const block = (x: JaxArray, w: JaxArray, bias: JaxArray) =>
    lax.reduceWindow(nn.relu(convolution(x, w).add(bias)), np.max, [2, 2], [2, 2]);
  let hidden = block(block(images, p.c1, p.d1), p.c2, p.d2).reshape([64, 256]);
  hidden = nn.relu(np.matmul(hidden, p.w1).add(p.b1));
  hidden = nn.relu(np.matmul(hidden, p.w2).add(p.b2));
  return crossEntropy(np.matmul(hidden, p.w3).add(p.b3), targets, 64);
}

function training(loss: typeof lenetLoss, task: Training, read: boolean): Run {
  const step = jit((p: JaxTree, x: JaxArray, targets: JaxArray) => {
    const [value, gradients] = jax.valueAndGrad((q: JaxTree) => loss(q, x, targets))(tree.ref(p));
    const moved = Object.entries(p).map(([name, a]) => [name, a.sub(gradients[name].mul(task.learningRate))]);
    return [value, Object.fromEntries(moved) as JaxTree] as const;
  });
  const [x, targets] = [put(task.x), put(task.targets)];
  let parameters = putAll(task.parameters);
  let value: JaxArray | undefined;
  const start = () => {
    value?.dispose();
    [value, parameters] = step(parameters, x.ref, targets.ref);
    return value;
  };
  return {
    start: read ? () => start().ref.data() : start,
    finish: () => jax.blockUntilReady([value, parameters]),
    first: async () => {
      const loss = await start().ref.data();
      return trainingResults(loss, task.parameters, (name) => parameters[name].ref.data());
    },
  };
}

function hessianVectorProduct(task: Tasks["hvp"]): Run {
  const [parameters, tangents] = [putAll(task.parameters), putAll(task.tangents)];
  const [x, targets] = [put(task.x), put(task.targets)];
  const loss = mlpLoss("tanh", task.x.shape[0]);
  const product = jit((p: JaxTree, v: JaxTree, batch: JaxArray, labels: JaxArray) => {
    const gradient = jax.grad((q: JaxTree) => loss(q, batch.ref, labels.ref));
    const [primal, tangent] = jax.jvp(gradient, [p], [v]);
    tree.dispose([primal, batch, labels]);
    return tangent;
  });
  return again(
    () => product(tree.ref(parameters), tree.ref(tangents), x.ref, targets.ref),
    async (result) => {
      const entries = Object.entries(result).map(async ([name, a]) => [name, await a.data()] as const);
      return Object.fromEntries(await Promise.all(entries));
    },
  );
}

function fullHessian({ flat, parts, x, targets }: Tasks["hessian"]): Run {
  const loss = (p: JaxArray, batch: JaxArray, labels: JaxArray) => {
    const [w1, b1, w2, b2] = parts.map(({ from, to, shape }) => p.ref.slice([from, to]).reshape(shape));
    p.dispose();
    return mlpLoss("tanh", x.shape[0])({ w1, b1, w2, b2 }, batch, labels);
  };
  const full = (p: JaxArray, batch: JaxArray, labels: JaxArray) => {
    const result = jax.hessian((q) => loss(q, batch.ref, labels.ref))(p);
    tree.dispose([batch, labels]);
    return result;
  };
  return calls(full, put(flat), put(x), put(targets));
}

/** Without jit, for it is the cost of an op that is measured. */
function adds({ x, y, count }: Tasks["adds"]): Run {
  const [start, step] = [put(x), put(y)];
  return again(() => {
    let sum = start.ref;
    for (let i = 0; i < count; i++) sum = sum.add(step.ref);
    return sum;
  }, readOne);
}

function upload({ x }: Tasks["upload"]): Run {
  const start = () => np.array(x.data).slice([0, 1]).data();
  return { start, finish: () => {}, first: async () => ({ y: await start() }) };
}

async function readBack({ x }: Tasks["readBack"]): Promise<Run> {
  const negative = await jax.blockUntilReady(put(x).neg());
  const start = () => negative.ref.data();
  return { start, finish: () => {}, first: async () => ({ y: await start() }) };
}

const programs: Programs = {
  matmul: ({ a, b }) => calls((x, y) => np.matmul(x, y), put(a), put(b)),
  chain: ({ x }) =>
    calls(
      (a) =>
        np
          .exp(np.sqrt(np.abs(a.ref.mul(1.5).add(0.25))).neg())
          .mul(a)
          .add(0.5),
      put(x),
    ),
  reduction: ({ x, operation, axis }) => calls((a) => np[operation](a, axis), put(x)),
  softmax: ({ x }) => calls((a) => nn.softmax(a, -1), put(x)),
  layerNorm,
  convolution: (task) => calls(convolve(task), put(task.x), put(task.w)),
  convolutionGradients,
  mlpStep: (task) => training(mlpLoss("relu", task.x.shape[0]), task, false),
  mlpLoss: (task) => training(mlpLoss("relu", task.x.shape[0]), task, true),
  lenetStep: (task) => training(lenetLoss, task, false),
  hvp: hessianVectorProduct,
  hessian: fullHessian,
  adds,
  upload,
  readBack,
};

export async function openJax(device: "webgpu" | "wasm" = "webgpu"): Promise<Programs> {
  await jax.init(device);
  jax.defaultDevice(device);
  return programs;
}
