/** The copying methods of ES2023's arrays, which Node has, and which the compiler of the cells does not declare. */
export const copyingMethods = [
  listMethods("Array<T>"),
  listMethods("ReadonlyArray<T>"),
  ...["Int8", "Uint8", "Uint8Clamped", "Int16", "Uint16", "Int32", "Uint32", "Float32", "Float64"].map(
    (kind) => typedMethods(`${kind}Array`, "number"),
  ),
  ...["BigInt64", "BigUint64"].map((kind) => typedMethods(`${kind}Array`, "bigint")),
].join("\n");

function listMethods(list: string): string {
  return `interface ${list} {
  toReversed(): T[];
  toSorted(compareFn?: (a: T, b: T) => number): T[];
  toSpliced(start: number, deleteCount: number, ...items: T[]): T[];
  toSpliced(start: number, deleteCount?: number): T[];
  with(index: number, value: T): T[];
}`;
}

function typedMethods(array: string, element: string): string {
  return `interface ${array} {
  toReversed(): ${array};
  toSorted(compareFn?: (a: ${element}, b: ${element}) => number): ${array};
  with(index: number, value: ${element}): ${array};
}`;
}
