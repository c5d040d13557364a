/** Kernels that compute every element of a tensor by itself. */
import type { Bindings } from "../loops/work";
import type { Expr } from "../loops/expr";
import { mergeDimensions, scalarSlots, vectorizes } from "../loops/space";
import { Emitter } from "./emit";
import {
  coordinateNames,
  declarations,
  mentioningAll,
  product,
  spread,
  unravel,
  workgroupSize,
  type DeviceLimits,
  type Kernel,
} from "./kernel";
import { storeText, vectorWidth } from "./text";

/** Items that one invocation computes when there are more than enough for the device. */
const itemsPerInvocation = 4;
const manyItems = 2 ** 15;

/** y[i] = value(i) for every i of the space. */
export function mapKernel(
  sizes: readonly number[],
  value: Expr,
  bindings: Bindings,
  limits: DeviceLimits,
): Kernel {
  const merged = mergeDimensions({ sizes, outputDims: sizes.length }, [value]);
  const { space } = merged;
  const [expr] = merged.exprs;
  const last = space.sizes.length - 1;
  const vectorDim = last >= 0 && vectorizes(last, space.sizes[last], [expr], vectorWidth) ? last : undefined;
  const width = vectorDim === undefined ? 1 : 4;
  const scalars = scalarSlots(vectorDim, [expr], vectorWidth);
  const emitter = new Emitter({
    coordinates: coordinateNames(space.sizes.length),
    vectorDim,
    scalarSlots: scalars,
  });
  const result = emitter.emit(expr);
  const total = product(space.sizes) / width;
  const each = total >= manyItems ? itemsPerInvocation : 1;
  const grid = spread(Math.ceil(total / (workgroupSize * each)), limits.maxWorkgroups);
  const compute = [
    ...unravel(space.sizes, "item", width),
    ...emitter.lines,
    `y[item] = ${storeText(result, { dtype: bindings.output, width })};`,
  ];
  const start = `(w.x + w.y * ${grid[0]}u) * ${workgroupSize * each}u + lane`;
  const code = [
    ...declarations(bindings, width, scalars, width),
    ...emitter.helpers,
    `@compute @workgroup_size(${workgroupSize})`,
    "fn main(@builtin(workgroup_id) w: vec3u, @builtin(local_invocation_index) lane: u32) {",
    ...(each === 1
      ? [`let item = ${start};`, `if (item >= ${total}u) { return; }`, ...compute]
      : [
          `let start = ${start};`,
          `let stop = min(start + ${workgroupSize * each}u, ${total}u);`,
          `for (var item = start; item < stop; item += ${workgroupSize}u) {`,
          ...compute,
          "}",
        ]),
    "}",
  ].join("\n");
  return { code: mentioningAll(code, bindings), workgroups: [grid[0], grid[1], 1] };
}
