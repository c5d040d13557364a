import { expect } from "chai";
import { Merge } from "../../../../kernel/session/host/merge";
import { encodeFrame, markText } from "../../../../kernel/contract/pipes";
import type { FromCell } from "../../../../kernel/contract/cellMessages";

const secret = "5ec2e7";
const clear: FromCell = { type: "clear", wait: false };

function mark(count: number): string {
  return markText(secret, count);
}

/** What a merge delivers; texts that follow each other are joined. */
function delivered(feed: (merge: Merge) => void): string[] {
  const items: string[] = [];
  const merge = new Merge(secret, (message) => {
    if (message.type === "stream" && items.at(-1)?.startsWith(message.name))
      items[items.length - 1] += message.text;
    else items.push(message.type === "stream" ? `${message.name} ${message.text}` : message.type);
  });
  feed(merge);
  return items;
}

describe("the merge of a session's output", () => {
  it("keeps the order in which it was written, whatever comes first", () => {
    const arrivals: ((merge: Merge) => void)[] = [
      (merge) => merge.readMessages(encodeFrame(clear)),
      (merge) => merge.readText("stdout", Buffer.from(`before${mark(0)}after`)),
      (merge) => merge.readText("stderr", Buffer.from(mark(0))),
    ];
    for (const order of [
      [0, 1, 2],
      [1, 2, 0],
      [2, 0, 1],
    ]) {
      const items = delivered((merge) => order.forEach((index) => arrivals[index](merge)));
      expect(items).to.deep.equal(["stdout before", "clear", "stdout after"]);
    }
  });

  it("finds marks and characters that are cut anywhere", () => {
    const bytes = Buffer.from(`aé${mark(0)}😀b`);
    const items = delivered((merge) => {
      merge.readText("stderr", Buffer.from(mark(0)));
      merge.readMessages(encodeFrame(clear));
      for (const byte of bytes) merge.readText("stdout", Buffer.of(byte));
    });
    expect(items).to.deep.equal(["stdout aé", "clear", "stdout 😀b"]);
  });

  it("takes text that looks like a mark for what it is", () => {
    const text = `\0${secret}:7\0 and \0`;
    const items = delivered((merge) => {
      merge.readText("stdout", Buffer.from(`${text}!`));
    });
    expect(items).to.deep.equal([`stdout ${text}!`]);
  });

  it("delivers what there is when the session has died", () => {
    const items = delivered((merge) => {
      merge.readText("stdout", Buffer.from(`last words${mark(0)}`));
      merge.readMessages(encodeFrame(clear));
      merge.end();
    });
    expect(items).to.deep.equal(["stdout last words", "clear"]);
  });

  it("leaves out what the driver says that no cell caused", () => {
    const chatter =
      "Warning: maxDynamicStorageBuffersPerPipelineLayout artificially reduced from 1000000 to 16 to fit dynamic offset allocation limit.\n";
    const items = delivered((merge) =>
      merge.readText("stderr", Buffer.from(`${chatter}a word of the cell's\n`)),
    );
    expect(items).to.deep.equal(["stderr a word of the cell's\n"]);
  });
});
