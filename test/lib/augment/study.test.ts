import { expect } from "chai";
import * as augment from "../../../lib/augment";
import { cpu, random, tensor, withDevice, type Tensor } from "../../../lib/tensor";

const onCpu = <T>(fn: () => T): T => withDevice(cpu, fn);

/** Two classes that a mirror exchanges: bright left, bright right. */
function halves(count: number): { images: Tensor; labels: Tensor } {
  const labels = Int32Array.from({ length: count }, (_, i) => i % 2);
  const pixels = Float64Array.from({ length: count * 16 }, (_, i) => {
    const isRight = i % 4 >= 2 ? 1 : 0;
    return isRight === labels[Math.floor(i / 16)] ? 0.9 : 0.1;
  });
  return {
    images: tensor(pixels, { shape: [count, 4, 4] }).add(
      random.uniform(random.key(1), [count, 4, 4]).mul(0.1),
    ),
    labels: tensor(labels, { dtype: "int32" }),
  };
}

describe("augment.study", () => {
  it("trains with and without each transform, and reports every seed's accuracy", async () => {
    const transforms = {
      none: undefined,
      noise: augment.gaussianNoise(),
      mirror: augment.randomHorizontalFlip({ p: 1 }),
    };
    const options = { transforms, perClass: 3, seeds: 2, steps: 20, learningRate: 0.05 };
    const report = await onCpu(() => augment.study(halves(30), options));
    const { accuracies } = report.numbers;
    expect(Object.keys(accuracies)).to.deep.equal(["none", "noise", "mirror"]);
    expect(accuracies["none"]).to.deep.equal([1, 1]);
    expect(accuracies["noise"]).to.deep.equal([1, 1]);
    // Who has learnt from mirror images alone takes each class for the other.
    expect(accuracies["mirror"]).to.deep.equal([0, 0]);
    expect(String(report)).to.match(/none +100\.0% +0\.0%/);
    expect(await onCpu(() => augment.study(halves(30), options)).then((r) => r.numbers)).to.deep.equal({
      accuracies,
    });
  });

  it("refuses what cannot be studied", async () => {
    const messageOf = async (options: augment.StudyOptions): Promise<string> =>
      onCpu(() => augment.study(halves(8), options)).then(
        () => "nothing was refused",
        (error: unknown) => (error as Error).message,
      );
    expect(await messageOf({ perClass: 4 })).to.contain("has 4 images: 4 to train on leave none to test");
    expect(await messageOf({ seeds: 0 })).to.contain("seeds must be a whole number of at least 1, got 0");
    expect(await messageOf({ perClass: 1, transforms: { turn: {} as never } })).to.contain(
      "transforms.turn must be a transform",
    );
  });
});
