const arrays = [
  "ArrayBuffer",
  "Uint8Array",
  "Int32Array",
  "Uint16Array",
  "Uint32Array",
  "Float32Array",
  "Float64Array",
] as const;

type Make = new (...args: unknown[]) => ArrayBufferLike;

/**
 * From now on counts the bytes for which typed arrays are asked, whether they are touched or not; what it returns gives
 * their number. `end` has all as before.
 */
export function countBytes(): (() => number) & { readonly end: () => void } {
  let asked = 0;
  const global = globalThis as unknown as Record<string, Make>;
  const before = arrays.map((name) => [name, global[name]] as const);
  const [[, Buffer]] = before;
  const counting: ProxyHandler<Make> = {
    construct(target, args: unknown[], newTarget: Make) {
      const made = Reflect.construct<unknown[], ArrayBufferLike>(target, args, newTarget);
      // A view of what is there already is no new memory.
      if (!(args[0] instanceof Buffer)) asked += made.byteLength;
      return made;
    },
  };
  for (const [name, original] of before) global[name] = new Proxy(original, counting);
  const end = () => before.forEach(([name, original]) => (global[name] = original));
  return Object.assign(() => asked, { end });
}
