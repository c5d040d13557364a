import { expect } from "chai";
import type { Header } from "../../../kernel/contract/messages";
import { Codec, streamContent } from "../../../kernel/wire/codec";

const header = { msg_id: "1", msg_type: "status" } as Header;
const message = {
  identities: [Buffer.from("peer")],
  header,
  parent: header,
  metadata: { a: 1 },
  content: { text: "é" },
  buffers: [Buffer.from([1, 2, 3])],
};

function frames(codec: Codec, content: object = message.content): Buffer[] {
  return codec.encode({ ...message, content }).map((frame) => Buffer.from(frame));
}

describe("the codec of the wire", () => {
  const codec = new Codec("secret", "hmac-sha256");

  it("reads what it has written", () => {
    expect(codec.decode(frames(codec))).to.deep.equal(message);
  });

  it("writes printed text as JSON does, whatever is in it and wherever it is cut", () => {
    const controls = Array.from({ length: 0x20 }, (_, code) => String.fromCharCode(code));
    for (const text of [
      "",
      "plain",
      "é😀",
      'a "quote"',
      "back\\slash",
      "line\nline\n",
      "\u007f\u2028",
      ...controls,
    ]) {
      const pieces = ["before", text, "after"];
      const content = { name: "stderr", text: pieces.join("") };
      expect(JSON.parse(streamContent("stderr", pieces).toString())).to.deep.equal(content);
      expect(codec.decode(frames(codec, streamContent("stderr", pieces)))?.content).to.deep.equal(content);
    }
  });

  it("reads nothing that has been signed with another key or changed since", () => {
    expect(codec.decode(frames(new Codec("other", "hmac-sha256")))).to.equal(undefined);
    const changed = frames(codec);
    changed[6] = Buffer.from(`{"text":"e"}`);
    expect(codec.decode(changed)).to.equal(undefined);
  });

  it("reads nothing that is no message", () => {
    expect(codec.decode([Buffer.from("nonsense")])).to.equal(undefined);
    expect(codec.decode(frames(codec).slice(0, 4))).to.equal(undefined);
  });

  it("signs nothing without a key", () => {
    const open = new Codec("", "hmac-sha256");
    expect(open.decode(frames(open))).to.deep.equal(message);
  });
});
