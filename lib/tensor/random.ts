/**
 * Random tensors as pure functions of a key: the same key gives the same bits on every device. A key is a uint32
 * tensor of two words; split it, and use each key once.
 */
import type { Node } from "../graph/node";
import { add, div, less, mul, shiftRight, sub } from "../ops/binary";
import { cast } from "../ops/cast";
import { constantLike } from "../ops/define";
import { iota } from "../ops/iota";
import { threefry } from "../ops/random";
import { broadcastTo } from "../ops/sum";
import { reshape, slice } from "../ops/view";
import { checkFinite, checkNumber, checkWhole } from "../util/checks";
import { checkOptions, describe, refuse } from "../util/errors";
import { broadcastShapes, checkShape, formatShape, sameShape, sizeOf, type Shape } from "../util/shapes";
import { fromData } from "./create";
import { defaultDevice } from "./device";
import { clip, erf, erfinv, log, neg } from "./elementwise";
import { asTensor, checkKey } from "./lift";
import { holdsAnywhere } from "./known";
import { argmax } from "./reduce";
import { take } from "./indexing";
import { Tensor, wrap, type TensorLike } from "./tensor";

/** The second counter word tells apart what a key is used for, so that no two uses share bits. */
const purpose = { bits: 0, split: 1, foldIn: 2 } as const;

/** The key of a seed: a whole number from 0 to 2⁵³ − 1. */
export function key(seed: number): Tensor {
  if (!Number.isSafeInteger(seed) || seed < 0) {
    refuse("random.key", `seed must be a whole number from 0 to 2^53 - 1, got ${describe(seed)}`);
  }
  return fromData(Uint32Array.of(Math.floor(seed / 2 ** 32), seed >>> 0), [2], "uint32", defaultDevice());
}

/** Word `position` of each counter (counters, use) under `keyNode`, in the shape of `counters`. */
function words(position: 0 | 1, keyNode: Node, counters: Node, use: number): Node {
  const word = (i: number): Node => broadcastTo(reshape(slice(keyNode, [i], [1], [1]), []), counters.shape);
  return threefry(position, word(0), word(1), counters, constantLike(counters, use));
}

function randomBits(where: string, k: unknown, shape: Shape): Node {
  const keyNode = checkKey(where, k);
  checkShape(where, shape);
  const counters = iota(sizeOf(shape), "uint32", keyNode.device);
  return reshape(words(0, keyNode, counters, purpose.bits), shape);
}

/** Random 32-bit words, uint32. */
export function bits(k: Tensor, shape: Shape): Tensor {
  return wrap(randomBits("random.bits", k, shape));
}

/** `count` new keys, independent of each other and of what `k` itself would give. */
export function split(k: Tensor, count = 2): Tensor[] {
  const keyNode = checkKey("random.split", k);
  checkWhole("random.split", "count", count, 1);
  const counters = iota(count, "uint32", keyNode.device);
  const [first, second] = [0, 1].map((w) => wrap(words(w as 0 | 1, keyNode, counters, purpose.split)));
  return Array.from({ length: count }, (_, i) => pair(first.slice([i], [i + 1]), second.slice([i], [i + 1])));
}

function pair(first: Tensor, second: Tensor): Tensor {
  return first.pad([[0, 1]]).add(second.pad([[1, 0]]));
}

/** A new key from `k` and a number, such as the step of a loop. */
export function foldIn(k: Tensor, data: TensorLike): Tensor {
  const keyNode = checkKey("random.foldIn", k);
  if (typeof data === "number" && !(Number.isInteger(data) && data >= 0 && data < 2 ** 32)) {
    refuse("random.foldIn", `data must be a non-negative integer below 2^32, got ${describe(data)}`);
  }
  const given = asTensor("random.foldIn", "data", data, keyNode.device, "uint32");
  if (given.size !== 1)
    refuse("random.foldIn", `data must be one number, got shape ${formatShape(given.shape)}`);
  const counter = reshape(cast(given.node, "uint32"), [1]);
  const [first, second] = [0, 1].map((w) => wrap(words(w as 0 | 1, keyNode, counter, purpose.foldIn)));
  return pair(first, second);
}

/** (bits + offset) · 2^−24 of the upper 24 bits, exact in float32. */
function fractions(random: Node, offset: number): Tensor {
  const high = shiftRight(random, constantLike(random, 8));
  const float = cast(high, random.device.floatType);
  const shifted = offset === 0 ? float : add(float, constantLike(float, offset));
  return wrap(mul(shifted, constantLike(shifted, 2 ** -24)));
}

export interface UniformOptions {
  /** 0 unless given. */
  readonly minval?: TensorLike;
  /** 1 unless given; never reached. */
  readonly maxval?: TensorLike;
}

/** Uniform in [minval, maxval), on a grid of 2⁻²⁴ of the interval. */
export function uniform(k: Tensor, shape: Shape = [], options: UniformOptions = {}): Tensor {
  checkOptions("random.uniform", options, ["minval", "maxval"]);
  const { minval = 0, maxval = 1 } = options;
  const u = fractions(randomBits("random.uniform", k, shape), 0);
  if (minval === 0 && maxval === 1) return u;
  const low = parameter("random.uniform", "minval", minval, u);
  const high = parameter("random.uniform", "maxval", maxval, u);
  if (holdsAnywhere((least, most) => least.lessEqual(most).logicalNot(), low, high)) {
    refuse(
      "random.uniform",
      `minval must not exceed maxval, got minval ${describe(minval)} and maxval ${describe(maxval)}`,
    );
  }
  return u.mul(high.sub(low)).add(low);
}

/** A finite number, or a tensor that broadcasts to the draws. */
function parameter(where: string, name: string, value: TensorLike, draws: Tensor): Tensor {
  if (typeof value === "number") checkFinite(where, name, value);
  const given = asTensor(where, name, value, draws.device);
  const common = broadcastShapes(given.shape, draws.shape);
  if (common !== undefined && sameShape(common, draws.shape)) return given;
  const [wanted, got] = [draws.shape, given.shape].map(formatShape);
  return refuse(
    where,
    `${name} must be a number or broadcast to the draws' shape ${wanted}, got shape ${got}`,
  );
}

export interface NormalOptions {
  /** 0 unless given. */
  readonly mean?: TensorLike;
  /** The standard deviation; 1 unless given. */
  readonly std?: TensorLike;
}

/** Uniform in (−1, 1), symmetric: odd multiples of 2⁻²⁴. */
function symmetric(where: string, k: Tensor, shape: Shape): Tensor {
  const random = randomBits(where, k, shape);
  const high = cast(shiftRight(random, constantLike(random, 9)), random.device.floatType);
  const centred = sub(high, constantLike(high, 2 ** 22));
  return wrap(centred)
    .add(0.5)
    .mul(2 ** -22);
}

/** Normal, by the inverse of the distribution function. */
export function normal(k: Tensor, shape: Shape = [], options: NormalOptions = {}): Tensor {
  checkOptions("random.normal", options, ["mean", "std"]);
  const { mean = 0, std = 1 } = options;
  const z = erfinv(symmetric("random.normal", k, shape)).mul(Math.SQRT2);
  const scaled = std === 1 ? z : z.mul(deviation(std, z));
  return mean === 0 ? scaled : scaled.add(parameter("random.normal", "mean", mean, z));
}

function deviation(std: TensorLike, draws: Tensor): Tensor {
  const given = parameter("random.normal", "std", std, draws);
  if (holdsAnywhere((s) => s.greaterEqual(0).logicalNot(), given))
    refuse("random.normal", `std must be at least 0, got ${describe(std)}`);
  return given;
}

export interface TruncatedNormalOptions {
  /** In standard deviations; −2 unless given. */
  readonly lower?: number;
  /** In standard deviations; 2 unless given. */
  readonly upper?: number;
}

/** Standard normal, given that it lies between `lower` and `upper`. */
export function truncatedNormal(k: Tensor, shape: Shape = [], options: TruncatedNormalOptions = {}): Tensor {
  checkOptions("random.truncatedNormal", options, ["lower", "upper"]);
  const { lower = -2, upper = 2 } = options;
  checkNumber("random.truncatedNormal", "lower", lower);
  checkNumber("random.truncatedNormal", "upper", upper);
  if (!(lower < upper))
    refuse("random.truncatedNormal", `lower must be below upper, got ${lower} and ${upper}`);
  const u = symmetric("random.truncatedNormal", k, shape).mul(0.5).add(0.5);
  const [low, high] = [lower, upper].map((z) => erf(wrap(constantLike(u.node, z / Math.SQRT2))));
  const z = erfinv(u.mul(high.sub(low)).add(low)).mul(Math.SQRT2);
  return clip(z, lower, upper);
}

/** True with probability `p` (0.5 unless given); bool. */
export function bernoulli(k: Tensor, shape: Shape = [], options: { readonly p?: TensorLike } = {}): Tensor {
  checkOptions("random.bernoulli", options, ["p"]);
  const { p = 0.5 } = options;
  const u = fractions(randomBits("random.bernoulli", k, shape), 0);
  const odds = parameter("random.bernoulli", "p", p, u);
  if (holdsAnywhere((x) => x.greaterEqual(0).logicalAnd(x.lessEqual(1)).logicalNot(), odds))
    refuse("random.bernoulli", `p must lie in [0, 1], got ${describe(p)}`);
  return u.less(odds);
}

export interface RandintOptions {
  /** 0 unless given. */
  readonly minval?: number;
  /** Never reached. */
  readonly maxval: number;
}

function checkRange(minval: number, maxval: number): void {
  const got = `got ${describe(minval)} and ${describe(maxval)}`;
  if (![minval, maxval].every(Number.isInteger) || minval >= maxval) {
    refuse("random.randint", `minval and maxval must be integers, minval below maxval, ${got}`);
  }
  if (minval < -(2 ** 31) || maxval > 2 ** 31) {
    refuse("random.randint", `minval and maxval must lie in [-2^31, 2^31], the range of int32, ${got}`);
  }
  if (maxval - minval > 2 ** 31) {
    refuse(
      "random.randint",
      `maxval - minval must be at most 2^31, ${got}, which differ by ${maxval - minval}`,
    );
  }
}

/** Whole numbers in [minval, maxval), int32; the bias is below (maxval − minval) / 2³². */
export function randint(k: Tensor, shape: Shape, options: RandintOptions): Tensor {
  checkOptions("random.randint", options ?? {}, ["minval", "maxval"]);
  const { minval = 0, maxval } = options ?? {};
  checkRange(minval, maxval);
  const random = randomBits("random.randint", k, shape);
  const span = constantLike(random, maxval - minval);
  const rest = cast(sub(random, mul(div(random, span), span)), "int32");
  return wrap(add(rest, constantLike(rest, minval)));
}

export interface CategoricalOptions {
  /** Unnormalised log probabilities over the last axis; the axes before it broadcast to `shape`. */
  readonly logits: TensorLike;
}

/** Draws of a category, int32 of `shape`, by the Gumbel-max trick. */
export function categorical(k: Tensor, shape: Shape, options: CategoricalOptions): Tensor {
  checkOptions("random.categorical", options ?? {}, ["logits"]);
  const { device } = checkKey("random.categorical", k);
  const logits = asTensor("random.categorical", "logits", options?.logits, device);
  if (logits.ndim === 0) refuse("random.categorical", "logits must have an axis of categories, got a scalar");
  if (holdsAnywhere((x) => x.isNaN(), logits))
    refuse("random.categorical", `logits must not be NaN, got ${describe(options.logits)}`);
  const categories = logits.shape[logits.ndim - 1];
  checkLeading(logits, checkShape("random.categorical", shape));
  const u = fractions(randomBits("random.categorical", k, [...shape, categories]), 0.5);
  return argmax(logits.sub(log(neg(log(u)))), -1);
}

function checkLeading(logits: Tensor, shape: Shape): void {
  const common = broadcastShapes(logits.shape.slice(0, -1), shape);
  if (common !== undefined && sameShape(common, shape)) return;
  const wanted = formatShape(shape);
  refuse(
    "random.categorical",
    `logits must have leading axes that broadcast to ${wanted}, got ${formatShape(logits.shape)}`,
  );
}

/** The numbers 0 … n − 1 in random order, int32; or the slices of a tensor along its first axis. */
export function permutation(k: Tensor, x: number | Tensor): Tensor {
  const isCount = typeof x === "number" && Number.isInteger(x) && x >= 0;
  if (!isCount && !(x instanceof Tensor && x.ndim > 0)) {
    refuse("random.permutation", `x must be a count or a tensor with an axis, got ${describe(x)}`);
  }
  const n = typeof x === "number" ? x : x.shape[0];
  const order = ranks(randomBits("random.permutation", k, [n]));
  return typeof x === "number" ? order : take(x, order, 0);
}

/** The place of each element were they sorted; ties in order of position. */
function ranks(values: Node): Tensor {
  const [n] = values.shape;
  const [rows, columns] = [reshape(values, [n, 1]), reshape(values, [1, n])].map((v) =>
    broadcastTo(v, [n, n]),
  );
  const position = iota(n, "int32", values.device);
  const [i, j] = [reshape(position, [n, 1]), reshape(position, [1, n])].map((v) => broadcastTo(v, [n, n]));
  const before = wrap(less(columns, rows)).logicalOr(
    wrap(columns)
      .equal(wrap(rows))
      .logicalAnd(wrap(less(j, i))),
  );
  return before.sum(1);
}
