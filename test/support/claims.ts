import { expect } from "chai";

/** The number that `pattern` captures in `text`. */
function numberIn(text: string, pattern: RegExp): number {
  const [, found] = pattern.exec(text) ?? expect.fail(`there is no ${pattern} in the outputs`);
  return Number(found);
}

/** What the prose of notebooks says about their outputs, by the name of the notebook. */
export const claims: Readonly<Record<string, (text: string) => void>> = {
  "06-augmentation"(text) {
    const slope = numberIn(text, /automatic +(\S+)/);
    expect(numberIn(text, /difference +(\S+)/)).to.be.closeTo(slope, 0.02 * Math.abs(slope));
    expect(numberIn(text, /^ +1 +([\d.]+)%/m)).to.be.closeTo(80, 3);
    const accuracy = (name: string) => numberIn(text, new RegExp(`^${name} +([\\d.]+)%`, "m"));
    const none = accuracy("none");
    expect(none).to.be.closeTo(77, 2);
    expect(accuracy("noise")).to.be.closeTo(none, 2);
    for (const name of ["translation", "scaling", "rotation"]) expect(accuracy(name), name).to.be.above(none);
    expect(accuracy("all three")).to.be.closeTo(84, 2);
    expect(accuracy("flip")).to.be.below(none - 2);
    expect(numberIn(text, /trained upright: .* ([\d.]+)% at 40°/)).to.be.below(40);
    expect(numberIn(text, /rotations up to 45°: .* ([\d.]+)% at 40°/)).to.be.above(80);
  },
  "07-recipes"(text) {
    const shares = (network: string) =>
      new RegExp(`^${network} +(\\d+) +[\\d.]+ +(\\d+)% +(\\d+)%`, "m").exec(text)!.slice(1).map(Number);
    const [alexnet, vgg, resnet] = ["AlexNet 2012", "VGG-16 2014", "ResNet-34 2015"].map(shares);
    for (const [, parameters, work] of [alexnet, vgg]) {
      expect(parameters).to.be.within(85, 97);
      expect(work).to.be.below(10);
    }
    expect(vgg[0] / resnet[0]).to.be.within(6, 7);
    expect(text).to.include("L = 256: 76.6% of the area; L = 480: 21.8%");
    const row = (name: string) => {
      const numbers = new RegExp(`^${name} +(\\d+) +(\\S+) +(\\S+) +([\\d.]+)%`, "m").exec(text)!;
      const [crops, each, average, accuracy] = numbers.slice(1).map(Number);
      return { crops, each, average, accuracy };
    };
    const [centre, ten, fifty] = ["the centre", "ten crops", "ten crops at five scales"].map(row);
    expect([centre, ten, fifty].map(({ crops }) => crops)).to.deep.equal([1, 10, 50]);
    expect(centre.average).to.be.closeTo(centre.each, 1e-5);
    for (const { each } of [centre, ten, fifty]) expect(each).to.be.closeTo(0.63, 0.03);
    expect(ten.average).to.be.closeTo(0.55, 0.02);
    expect(fifty.average).to.be.closeTo(0.53, 0.02);
    expect(fifty.accuracy - centre.accuracy).to.be.within(1, 3);
  },
  "10-multi-gpu"(text) {
    expect(numberIn(text, /in 2410 gradients: (\S+)/)).to.be.below(1e-5);
    expect(numberIn(text, /difference of the losses: (\S+)/)).to.be.below(1e-4);
    expect(text).to.include("6 steps; every rank ends with 1111, 2222, 3333, 4444");
    const sizesOf = (network: string) =>
      new RegExp(`^${network} +([\\d.]+) +([\\d.]+)`, "m").exec(text)!.slice(1).map(Number);
    const [vgg, resnet] = [sizesOf("VGG-16"), sizesOf("ResNet-34")];
    expect(vgg[0] / resnet[0]).to.be.within(6, 7);
    expect(vgg[1] / resnet[1]).to.be.within(3.8, 4.5);
    expect(numberIn(text, /in 1000 outputs: (\S+)/)).to.be.below(1e-4);
    const endOf = (plan: string) => numberIn(text, new RegExp(`^${plan}: (\\S+) after`, "m"));
    const worstOf = (plan: string) => numberIn(text, new RegExp(`^${plan}: .* at worst (\\S+)`, "m"));
    expect(endOf("batch 128, ε = 0.2")).to.be.above(3 * endOf("batch 16, ε = 0.2"));
    expect(worstOf("batch 128, ε = 1.6")).to.be.above(2 * worstOf("batch 128, ε to 1.6 in 30 steps"));
    expect(endOf("batch 128, ε to 1.6 in 30 steps")).to.be.below(1.5 * endOf("batch 16, ε = 0.2"));
    const updatesOf = (mode: string) =>
      numberIn(text, new RegExp(`^${mode}: (\\d+) updates by time 120`, "m"));
    expect(updatesOf("asynchronous")).to.equal(13 * updatesOf("synchronous"));
    expect(text).to.include("staleness 3.0 on average, at most 12");
    for (const [, stable, limit] of text.matchAll(/stable at ηλ = (\S+), in theory below (\S+)/g))
      expect(Number(stable)).to.be.within(0.8 * Number(limit), Number(limit));
  },
  "11-research"(text) {
    const [, list] = /^the 12 largest, .*\n(.*)$/m.exec(text)!;
    const largest = list.split(" ").map(Number);
    expect(largest[9]).to.be.below(largest[8] / 2);
    expect(numberIn(text, /the least that Lanczos sees: (\S+)/)).to.be.below(0);
    expect(numberIn(text, /twice along v₁: (\S+)/)).to.be.closeTo(largest[0], 0.02);
    for (const edge of [10, 5]) {
      const line = `2/η = ${edge}: λmax [\\d.]+ at first, ([\\d.]+) in the end\\n.* from ([\\d.]+) to ([\\d.]+), and rose in (\\d+)`;
      const [end, first, last, rises] = new RegExp(line).exec(text)!.slice(1).map(Number);
      expect(end).to.be.within(edge, 1.2 * edge);
      expect(last).to.be.below(first / 3);
      expect(rises).to.be.above(100);
    }
    const sharpnessAt = (batch: number) =>
      numberIn(text, new RegExp(`^ *${batch} +\\d+ +[\\d.]+ +([\\d.]+)`, "m"));
    expect(sharpnessAt(8)).to.be.below(sharpnessAt(128) / 2);
    expect(sharpnessAt(32)).to.be.within(sharpnessAt(8), sharpnessAt(128));
  },
};
