import {
  blockUntilReady,
  conv2d,
  cpu,
  devices,
  exp,
  grad,
  hessian,
  hvp,
  jit,
  matmul,
  maxPool2d,
  nn,
  tensor,
  valueAndGrad,
  withDevice,
  type Tensor,
} from "../../lib/index";
import { trainingResults, type Program, type Programs, type Results, type Run } from "./library";
import type { Numbers } from "./numbers";
import type { Convolution, Kind, Parameters, Tasks, Training, Workload } from "./workload";

type Tensors = Readonly<Record<string, Tensor>>;

const { crossEntropy } = nn.functional;

function put({ data, shape }: Numbers): Tensor {
  return tensor(data, { shape });
}

function putAll(parameters: Parameters): Tensors {
  return Object.fromEntries(Object.entries(parameters).map(([name, numbers]) => [name, put(numbers)]));
}

/** The same call again and again, its results forgotten; `read` reads the first's. */
function again<T>(call: () => T, read: (results: T) => Promise<Results>): Run {
  let last: T;
  return {
    start: () => (last = call()),
    finish: () => blockUntilReady(last),
    first: () => read(call()),
  };
}

const readOne = async (y: Tensor): Promise<Results> => ({ y: await y.data() });

/** A function that is compiled and called with the same tensors. */
function calls<A extends readonly Tensor[]>(f: (...args: A) => Tensor, ...args: A): Run {
  const compiled = jit(f as (...args: readonly Tensor[]) => Tensor);
  return again(() => compiled(...args), readOne);
}

function reduction({ x, operation, axis }: Tasks["reduction"]): Run {
  return calls((a) => a[operation](axis), put(x));
}

function layerNorm({ x, gamma, beta }: Tasks["layerNorm"]): Run {
  const normalise = (a: Tensor, scale: Tensor, shift: Tensor) => {
    const centred = a.sub(a.mean(-1, { keepdims: true }));
    const variance = centred.square().mean(-1, { keepdims: true });
    return centred.div(variance.add(1e-5).sqrt()).mul(scale).add(shift);
  };
  return calls(normalise, put(x), put(gamma), put(beta));
}

function convolution({ x, w, stride, padding }: Convolution): Run {
  return calls((images, kernels) => conv2d(images, kernels, { stride, padding }), put(x), put(w));
}

function convolutionGradients(task: Tasks["convolutionGradients"]): Run {
  const { stride, padding } = task;
  const inner = (x: Tensor, w: Tensor, cotangent: Tensor) =>
    conv2d(x, w, { stride, padding }).mul(cotangent).sum();
  const gradients = jit(grad(inner, { argnums: [0, 1] }));
  const args = [put(task.x), put(task.w), put(task.cotangent)] as const;
  return again(
    () => gradients(...args),
    async ([x, w]) => ({ x: await x.data(), w: await w.data() }),
  );
}

function mlpLoss(activation: "relu" | "tanh") {
  return ({ w1, b1, w2, b2 }: Tensors, x: Tensor, targets: Tensor): Tensor =>
    crossEntropy(matmul(matmul(x, w1).add(b1)[activation](), w2).add(b2), targets);
}

function lenetLoss(p: Tensors, images: Tensor, targets: Tensor): Tensor {
  const block = (x: Tensor, w: Tensor, bias: Tensor) =>
    maxPool2d(conv2d(x, w).add(bias).relu(), { kernel: 2 });
  const features = block(block(images, p.c1, p.d1), p.c2, p.d2).reshape([images.shape[0], 256]);
  const hidden = matmul(matmul(features, p.w1).add(p.b1).relu(), p.w2).add(p.b2).relu();
  return crossEntropy(matmul(hidden, p.w3).add(p.b3), targets);
}

function training(loss: typeof lenetLoss, task: Training, read: boolean): Run {
  const step = jit((parameters: Tensors, x: Tensor, targets: Tensor) => {
    const [value, gradients] = valueAndGrad(loss)(parameters, x, targets);
    const moved = Object.entries(parameters).map(([name, p]) => [
      name,
      p.sub(gradients[name].mul(task.learningRate)),
    ]);
    return { value, parameters: Object.fromEntries(moved) as Tensors };
  });
  const [x, targets] = [put(task.x), put(task.targets)];
  let state = { value: tensor(0), parameters: putAll(task.parameters) };
  const start = () => (state = step(state.parameters, x, targets));
  return {
    start: read ? () => start().value.item() : start,
    finish: () => blockUntilReady(state),
    first: async () => {
      const { value, parameters } = start();
      return trainingResults(await value.data(), task.parameters, (name) => parameters[name].data());
    },
  };
}

function hessianVectorProduct(task: Tasks["hvp"]): Run {
  const [parameters, tangents] = [putAll(task.parameters), putAll(task.tangents)];
  const [x, targets] = [put(task.x), put(task.targets)];
  const loss = mlpLoss("tanh");
  const product = jit((p: Tensors, v: Tensors, batch: Tensor, labels: Tensor) =>
    hvp((q: Tensors) => loss(q, batch, labels), p, v),
  );
  return again(
    () => product(parameters, tangents, x, targets),
    async (result) => {
      const entries = Object.entries(result).map(async ([name, t]) => [name, await t.data()] as const);
      return Object.fromEntries(await Promise.all(entries));
    },
  );
}

function fullHessian({ flat, parts, x, targets }: Tasks["hessian"]): Run {
  const loss = (p: Tensor, batch: Tensor, labels: Tensor) => {
    const [w1, b1, w2, b2] = parts.map(({ from, to, shape }) => p.slice([from], [to]).reshape(shape));
    return mlpLoss("tanh")({ w1, b1, w2, b2 }, batch, labels);
  };
  return calls(
    (p, batch, labels) => hessian((q: Tensor) => loss(q, batch, labels))(p),
    put(flat),
    put(x),
    put(targets),
  );
}

/** Without jit, for it is the cost of an op that is measured. */
function adds({ x, y, count }: Tasks["adds"]): Run {
  const [start, step] = [put(x), put(y)];
  return again(() => {
    let sum = start;
    for (let i = 0; i < count; i++) sum = sum.add(step);
    return sum;
  }, readOne);
}

function upload({ x }: Tasks["upload"]): Run {
  const start = () => put(x).slice([0], [1]).item();
  return { start, finish: () => {}, first: async () => ({ y: [await start()] }) };
}

async function readBack({ x }: Tasks["readBack"]): Promise<Run> {
  const negative = await blockUntilReady(put(x).neg());
  const start = () => negative.data();
  return { start, finish: () => {}, first: async () => ({ y: await start() }) };
}

const programs: Programs = {
  matmul: ({ a, b }) => calls((x, y) => matmul(x, y), put(a), put(b)),
  chain: ({ x }) => calls((a) => exp(a.mul(1.5).add(0.25).abs().sqrt().neg()).mul(a).add(0.5), put(x)),
  reduction,
  softmax: ({ x }) => calls((a) => a.softmax(-1), put(x)),
  layerNorm,
  convolution,
  convolutionGradients,
  mlpStep: (task) => training(mlpLoss("relu"), task, false),
  mlpLoss: (task) => training(mlpLoss("relu"), task, true),
  lenetStep: (task) => training(lenetLoss, task, false),
  hvp: hessianVectorProduct,
  hessian: fullHessian,
  adds,
  upload,
  readBack,
};

export async function openSaddle(): Promise<Programs> {
  await devices();
  return programs;
}

/** What the float64 `cpu` device computes. */
export function onCpu(workload: Workload): Promise<Results> {
  const program = programs[workload.kind] as Program<Tasks[Kind]>;
  return withDevice(cpu, async () => (await program(workload.task()))!.first());
}
