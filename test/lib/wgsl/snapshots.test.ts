import { conv2d, cpu, matmul, tensor, withDevice, type Tensor } from "../../../lib";
import { canonicalize } from "../../../lib/graph/canonical";
import { makePlan } from "../../../lib/graph/plan";
import type { Target } from "../../../lib/graph/target";
import type { Kernel } from "../../../lib/wgsl/kernel";
import { expectSnapshot } from "../../support/snapshot";
import { adapters } from "../../support/targets";

const of = (...shape: number[]): Tensor =>
  tensor(new Float32Array(shape.reduce((a, b) => a * b, 1)), { shape });

/** One of each kind of kernel, and of each way to share its work. */
const programs: Readonly<Record<string, () => Tensor>> = {
  "elementwise in fours": () => of(64, 256).mul(1.5).add(of(256)).abs().sqrt(),
  "elementwise alone": () => of(7, 5).transpose().exp(),
  "pad and slice": () =>
    of(6, 9)
      .pad([
        [1, 2],
        [0, 3],
      ])
      .slice([0, 1], [9, 12], [2, 1]),
  take: () => of(100, 8).take(tensor([3, 1, 4], { dtype: "int32" }), 0),
  "sum of a long row": () => of(1 << 20).sum(),
  "softmax of long rows": () => of(512, 1024).softmax(-1),
  "variance of short rows": () => of(512, 10).variance(1),
  "sum over a middle axis in fours": () => of(16, 128, 256).sum(1),
  "max over a middle axis that does not align": () => of(32, 1000, 131).max(1),
  "matmul with bias and relu": () => matmul(of(128, 784), of(784, 256)).add(of(256)).relu(),
  "matmul that does not divide": () => matmul(of(33, 100), of(100, 77)),
  "a row times a matrix": () => matmul(of(1, 1024), of(1024, 1024)),
  "matmul in batches": () => matmul(of(8, 64, 64), of(8, 64, 64)),
  "conv2d with stride and padding": () => conv2d(of(2, 3, 32, 32), of(8, 3, 5, 5), { stride: 2, padding: 2 }),
};

/** The kernels of `program`, with what they are dispatched on. */
function kernels(program: () => Tensor, { traits, compile }: Target<Kernel>): string {
  const { node } = withDevice(cpu, program);
  return makePlan(canonicalize([node], traits), traits)
    .steps.map(({ work, bindings, label }) => {
      const { code, workgroups } = compile(work, bindings);
      return `// ${label}, ${workgroups.join(" x ")} workgroups\n${code}\n`;
    })
    .join("\n");
}

describe("the WGSL of a kernel", () => {
  for (const [adapter, of] of Object.entries(adapters)) {
    describe(`for ${adapter}`, () => {
      for (const [name, program] of Object.entries(programs)) {
        it(`is known: ${name}`, () => {
          expectSnapshot(`wgsl/${name.replaceAll(" ", "-")}.${adapter}.wgsl`, kernels(program, of));
        });
      }
    });
  }
});
