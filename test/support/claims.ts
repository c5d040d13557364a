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
};
