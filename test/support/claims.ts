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
