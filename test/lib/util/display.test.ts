import { expect } from "chai";
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { display, type Displayed } from "../../../lib/util/display";
import { installFrontend, type DisplayOptions, type MimeBundle } from "../../../lib/util/frontend";
import { line } from "../../../lib/viz";

const library = JSON.stringify(join(__dirname, "..", "..", "..", "lib", "index.js"));

/** What a program in plain Node prints. */
function printed(code: string, typed = ""): string {
  const script = `const { display, clearOutput, input } = require(${library}); ${code}`;
  return spawnSync(process.execPath, ["-e", script], { encoding: "utf8", input: typed }).stdout;
}

const gif = Buffer.from("GIF89a");

/** What a front end is given to show. */
function recorded(action: () => void): { data: MimeBundle; options: DisplayOptions }[] {
  const shown: { data: MimeBundle; options: DisplayOptions }[] = [];
  installFrontend({
    display: (data, options) => void shown.push({ data, options }),
    clearOutput: () => undefined,
    await: () => undefined,
    input: () => Promise.resolve(""),
  });
  try {
    action();
  } finally {
    installFrontend(undefined);
  }
  return shown;
}

describe("display", () => {
  it("prints text in plain Node", () => {
    expect(printed(`display({ a: 1 }); display.markdown("*b*"); clearOutput()`)).to.equal("{ a: 1 }\n*b*\n");
  });

  it("keeps in its place the kind that it has been made with", () => {
    const png = (byte: number) => Buffer.from([0x89, 0x50, 0x4e, 0x47, byte]);
    const kinds: readonly [type: string, first: () => Displayed, next: unknown, shown: unknown][] = [
      ["text/html", () => display.html("<i>a</i>"), "<b>b</b>", "<b>b</b>"],
      ["text/markdown", () => display.markdown("*a*"), "**b**", "**b**"],
      ["text/latex", () => display.latex("x"), "y^2", "$$y^2$$"],
      ["image/svg+xml", () => display.svg("<svg/>"), "<svg>b</svg>", "<svg>b</svg>"],
      ["application/json", () => display.json({ a: 1 }), { b: 2 }, { b: 2 }],
      ["application/json", () => display.json([1]), { "text/html": "b" }, { "text/html": "b" }],
      ["image/png", () => display.image(png(1), { width: 40 }), png(2), png(2).toString("base64")],
      ["text/html", () => display.table([{ a: 1 }], { columns: ["a"] }), [{ a: 2, b: 3 }], undefined],
      ["text/plain", () => display("a"), "b", "'b'"],
    ];
    for (const [type, first, next, expected] of kinds) {
      const shown = recorded(() => first().update(next));
      expect(shown, type).to.have.length(2);
      const [before, after] = shown;
      expect(after.options).to.deep.equal({ ...before.options, update: true });
      expect(Object.keys(after.data)).to.deep.equal(Object.keys(before.data));
      if (expected !== undefined) expect(after.data[type]).to.deep.equal(expected);
      else expect(after.data[type]).to.contain("<td").and.contain("2").and.not.contain("3");
    }
  });

  it("shows in a place what shows itself, and refuses what is no value of its kind", () => {
    const handle = () => display.markdown("*a*");
    const [, figure] = recorded(() => handle().update(line([1, 2])));
    expect(figure.data).to.include.keys("application/vnd.plotly.v1+json", "text/html");
    expect(() => recorded(() => handle().update(5))).to.throw(
      "display.markdown: text must be a string, got 5",
    );
    const [, other] = recorded(() => display.image(gif, { width: 40 }).update(line([1])));
    expect(other.options.metadata).to.deep.equal({});
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
