import { expect } from "chai";
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { display } from "../../../lib/util/display";

const library = JSON.stringify(join(__dirname, "..", "..", "..", "lib", "index.js"));

/** What a program in plain Node prints. */
function printed(code: string, typed = ""): string {
  const script = `const { display, clearOutput, input } = require(${library}); ${code}`;
  return spawnSync(process.execPath, ["-e", script], { encoding: "utf8", input: typed }).stdout;
}

describe("display", () => {
  it("prints text in plain Node", () => {
    expect(printed(`display({ a: 1 }); display.markdown("*b*"); clearOutput()`)).to.equal("{ a: 1 }\n*b*\n");
  });

  it("refuses what it cannot show, saying what it got", () => {
    expect(() => display.html(5 as never)).to.throw("display.html: text must be a string, got 5");
    expect(() => display.image(Buffer.from("text"))).to.throw("PNG, JPEG, GIF or WebP");
    expect(() => display.table(5 as never)).to.throw("rows must be an array of objects, got 5");
    expect(() => display(1, { name: "x" } as never)).to.throw('unknown option "name"');
  });
});

describe("input", () => {
  it("asks the terminal in plain Node, and shows no password", () => {
    const code = `input("who? ").then((who) => console.log("[" + who + "]"))`;
    expect(printed(code, "Ada\n")).to.equal("who? [Ada]\n");
    expect(printed(code.replace(`"who? "`, `"who? ", { password: true }`), "Ada\n")).to.equal("who? [Ada]\n");
  });
});
