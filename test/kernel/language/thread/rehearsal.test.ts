import { expect } from "chai";
import { Rehearsal } from "../../../../kernel/language/thread/rehearsal";

describe("the rehearsal of the compiler", () => {
  it("takes place once, a step at a time, when nobody has asked for anything", async () => {
    const asked: string[] = [];
    let askedForMore: () => void = () => undefined;
    const note = (code: string) => {
      asked.push(code);
      askedForMore();
    };
    const rehearsal = new Rehearsal({
      complete: (code) => {
        note(code);
        return { start: 0, end: 0, entries: [] };
      },
      inspect: (code) => {
        note(code);
        return undefined;
      },
    });
    const until = (isEnough: () => boolean) =>
      new Promise<void>((resolve) => (askedForMore = () => isEnough() && resolve()));

    rehearsal.postpone();
    expect(asked).to.deep.equal([]);
    await until(() => asked.length === 1);
    rehearsal.postpone();
    await until(() => asked.includes("fetch"));
    const { length } = asked;
    rehearsal.postpone();
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(asked).to.have.length(length);
    expect(new Set(asked).size).to.equal(length);
  });
});
