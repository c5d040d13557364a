import type { DType, Tensor, TypedArray } from "../../lib";
import { library } from "../session/cell/modules/library";
import type { PackedTensor, PackedValue } from "../contract/rankMessages";

/** What stands for a tensor in packed data: its number. */
const mark = "saddle:tensor";

/** Thrown for a value that has a part which is not data. */
export class NotData extends Error {
  /** The part, such as `.layers[2]`. */
  readonly path: string;

  constructor(path: string, what: string) {
    super(what);
    this.path = path;
  }
}

/** Makes a value one that can be sent. Throws a `NotData`. */
export async function pack(value: unknown): Promise<PackedValue> {
  const tensors: Tensor[] = [];
  const data = plain(value, "", tensors, new Map());
  return { data, tensors: await Promise.all(tensors.map(packTensor)) };
}

export function unpack({ data, tensors }: PackedValue): unknown {
  return restored(data, tensors.map(unpackTensor), new Set());
}

function plain(value: unknown, path: string, tensors: Tensor[], known: Map<object, unknown>): unknown {
  if (typeof value === "function")
    throw new NotData(path, value.name === "" ? "a function" : `the function ${value.name}`);
  if (typeof value === "symbol") throw new NotData(path, "a symbol");
  if (typeof value !== "object" || value === null) return value;
  if (known.has(value)) return known.get(value);
  if (value instanceof library().Tensor) return remember(known, value, { [mark]: tensors.push(value) - 1 });
  const inside = (part: unknown, step: string) => plain(part, `${path}${step}`, tensors, known);
  if (Array.isArray(value)) {
    const copy = remember(known, value, [] as unknown[]);
    value.forEach((part, index) => (copy[index] = inside(part, `[${index}]`)));
    return copy;
  }
  if (value instanceof Map) {
    const copy = remember(known, value, new Map());
    for (const [key, part] of value) copy.set(inside(key, ".keys()"), inside(part, `.get(${String(key)})`));
    return copy;
  }
  if (value instanceof Set) {
    const copy = remember(known, value, new Set());
    for (const part of value) copy.add(inside(part, ".values()"));
    return copy;
  }
  if (isPlain(value)) {
    const copy = remember<Record<string, unknown>>(known, value, {});
    for (const [key, part] of Object.entries(value)) setOwn(copy, key, inside(part, `.${key}`));
    return copy;
  }
  if (isCloneable(value)) return value;
  throw new NotData(path, `a ${value.constructor.name}`);
}

function remember<T>(known: Map<object, unknown>, value: object, copy: T): T {
  known.set(value, copy);
  return copy;
}

/** Unlike an assignment, it does not take `__proto__` for anything but a name. */
function setOwn(object: object, key: string, value: unknown): void {
  Object.defineProperty(object, key, { value, writable: true, enumerable: true, configurable: true });
}

function isPlain(value: object): boolean {
  const prototype = Object.getPrototypeOf(value) as object | null;
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

function isCloneable(value: object): boolean {
  if (ArrayBuffer.isView(value)) return true;
  return [ArrayBuffer, Date, RegExp, Error].some((Type) => value instanceof Type);
}

/** Puts the tensors back in their places, in place. */
function restored(data: unknown, tensors: readonly Tensor[], seen: Set<object>): unknown {
  if (typeof data !== "object" || data === null || ArrayBuffer.isView(data)) return data;
  const index = (data as Record<string, unknown>)[mark];
  if (typeof index === "number") return tensors[index];
  if (seen.has(data)) return data;
  seen.add(data);
  const again = (part: unknown) => restored(part, tensors, seen);
  if (data instanceof Map) {
    const entries = [...data];
    data.clear();
    for (const [key, part] of entries) data.set(again(key), again(part));
  } else if (data instanceof Set) {
    const parts = [...data];
    data.clear();
    for (const part of parts) data.add(again(part));
  } else {
    const parts = data as Record<string, unknown>;
    for (const key of Object.keys(parts)) setOwn(parts, key, again(parts[key]));
  }
  return data;
}

async function packTensor(x: Tensor): Promise<PackedTensor> {
  return { shape: x.shape, dtype: x.dtype, isOnCpu: x.device === library().cpu, numbers: await x.data() };
}

function unpackTensor({ shape, dtype, isOnCpu, numbers }: PackedTensor): Tensor {
  const make = () => library().tensor(numbers as TypedArray, { shape, dtype: dtype as DType });
  return isOnCpu ? onCpu(make) : make();
}

/** `withDevice` makes Node follow every promise, and a loop in one that is followed cannot be interrupted. */
function onCpu<T>(make: () => T): T {
  const { cpu, parallel, setDefaultDevice } = library();
  const before = parallel.device();
  setDefaultDevice(cpu);
  try {
    return make();
  } finally {
    setDefaultDevice(before);
  }
}
