import { expect } from "chai";
import type { Cell, CellMetadata, Output } from "../../../kernel/headless/notebook";
import { pageOf } from "../../../kernel/headless/page";
import { entriesOf } from "../../../kernel/site/search";
import { openBrowser } from "../../support/pages";

const notebookOf = (cells: readonly Cell[]) => ({ cells, metadata: {}, nbformat: 4, nbformat_minor: 5 });
const bodyOf = (cells: readonly Cell[]) => /<main>([^]*)<\/main>/.exec(pageOf(notebookOf(cells), "name"))![1];
const markdown = (source: string, attachments?: Cell["attachments"], metadata: CellMetadata = {}): Cell => ({
  ...{ cell_type: "markdown", source, attachments, metadata },
});
const raw = (source: string, metadata: CellMetadata): Cell => ({ cell_type: "raw", source, metadata });
const said: Output = { output_type: "stream", name: "stdout", text: "the output" };
const code = (metadata: CellMetadata): Cell => ({
  ...{ cell_type: "code", source: "theCode()", metadata, execution_count: 7, outputs: [said] },
});

describe("a page of a notebook", () => {
  it("has the attachments of its texts, however they are referred to", () => {
    const types = ["png", "jpeg", "gif", "webp", "bmp", "avif", "svg+xml"].map((name) => `image/${name}`);
    for (const type of types) {
      const attachments = { "a b.x": { [type]: "AAEC\nAw==" } };
      const html = bodyOf([
        markdown(
          "![one](attachment:a%20b.x) ![two][r]\n\n[file](<attachment:a b.x>)\n\n[r]: attachment:a%20b.x",
          attachments,
        ),
        markdown("<img src='attachment:a b.x'>\n\nIn <img src=\"attachment:a b.x\"> a line", attachments),
      ]);
      expect(html.split(`data:${type};base64,AAECAw==`)).to.have.length(6);
      expect(html).not.to.contain("attachment:");
    }
    const svg = { "a.svg": { "image/svg+xml": ["<svg>\n", "</svg>"] } };
    expect(bodyOf([markdown("![](attachment:a.svg)", svg)])).to.contain(
      Buffer.from("<svg>\n</svg>").toString("base64"),
    );
    expect(bodyOf([markdown("![](attachment:toString)", {})])).to.contain('src="attachment:toString"');
  });

  it("shows task lists, footnotes and tables as GitHub does", () => {
    const html = bodyOf([
      markdown(
        "- [ ] open\n- [x] done\n\n| a | b |\n|---|--:|\n| 1 | 2 |\n\none[^n], x^[2]\n\n[^n]: The note.",
      ),
      markdown("two[^n]\n\n[^n]: Another."),
    ]);
    expect(html.match(/<input [^>]*type="checkbox">/g)).to.have.length(2);
    expect(html.match(/ checked=/g)).to.have.length(1);
    expect(html).not.to.contain("[ ]").and.not.to.contain("[x]");
    expect(html).to.contain('<th style="text-align:right">b</th>').and.to.contain("x^[2]");
    const ids = [...html.matchAll(/ id="(fn[^"]*)"/g)].map(([, id]) => id);
    expect(ids).to.have.length(4);
    expect(new Set(ids)).to.have.property("size", 4);
    for (const [, id] of html.matchAll(/href="#(fn[^"]*)"/g)) expect(ids).to.include(id);
  });

  it("has raw cells that are for it, as they are", () => {
    const html = (metadata: CellMetadata) => bodyOf([raw("<b>raw</b>", metadata)]);
    for (const metadata of [{}, { raw_mimetype: "text/html" }, { format: "text/html" }, { format: "" }]) {
      expect(html(metadata)).to.contain("<b>raw</b>");
    }
    for (const type of ["text/latex", "text/restructuredtext", "text/x-python", "pdf"]) {
      expect(html({ raw_mimetype: type })).not.to.contain("raw");
      expect(html({ format: type })).not.to.contain("raw");
    }
  });

  it("leaves out or folds what tags and metadata say", () => {
    const seen = (metadata: CellMetadata) => {
      const html = bodyOf([code(metadata)]);
      const folds = [...html.matchAll(/<details><summary>(.*?)<\/summary>([^]*?)<\/details>/g)];
      const isIn = (text: string, part: string) => {
        if (!html.includes(part)) return "-";
        return folds.some(([, , inside]) => inside.includes(part)) ? text.toLowerCase() : text;
      };
      return `${isIn("I", "theCode")}${isIn("O", "the output")}${folds.length}`;
    };
    const tagged = (...tags: string[]) => seen({ tags });
    expect(seen({})).to.equal("IO0");
    expect(tagged("other", "skip-execution")).to.equal("IO0");
    expect([
      tagged("remove-cell"),
      tagged("remove_cell"),
      tagged("remove-input", "remove-output"),
    ]).to.deep.equal(["--0", "--0", "--0"]);
    expect([tagged("remove-input"), tagged("remove-output")]).to.deep.equal(["-O0", "I-0"]);
    expect([tagged("hide-input"), tagged("hide-output"), tagged("hide-cell")]).to.deep.equal([
      "iO1",
      "Io1",
      "io1",
    ]);
    expect(tagged("hide-cell", "remove-output")).to.equal("i-1");
    expect(seen({ jupyter: { source_hidden: true } })).to.equal("iO1");
    expect(seen({ jupyter: { outputs_hidden: true } })).to.equal("Io1");
    expect(seen({ collapsed: true })).to.equal("Io1");
    expect(bodyOf([markdown("a text", undefined, { tags: ["remove-cell"] })])).not.to.contain("a text");
    expect(bodyOf([markdown("a text", undefined, { tags: ["hide-cell"] })])).to.contain("<details>");
    expect(bodyOf([{ ...code({}), source: " \n", outputs: [] }]).trim()).to.equal("");
  });

  it("finds nothing in a search that is not on it", () => {
    const cells = [
      markdown("# A\n\nShown."),
      code({ tags: ["remove-input"] }),
      raw("raw", {}),
      markdown("# B", undefined, { tags: ["remove-cell"] }),
    ];
    const entries = entriesOf(notebookOf(cells), "A", "a.html");
    expect(entries.map(({ title, text }) => [title, text.trim()])).to.deep.equal([["A", "Shown."]]);
  });

  it("shows a picture in the size that its metadata says", () => {
    const data = { "image/png": "AA\n==", "text/plain": "a dot" };
    const metadata = { "image/png": { width: 40, height: 20 } };
    const html = bodyOf([{ ...code({}), outputs: [{ output_type: "display_data", data, metadata }] }]);
    expect(html).to.contain('<img alt="a dot" width="40" height="20" src="data:image/png;base64,AA==">');
  });

  it("draws in a browser what its attachments are, and opens what is folded", async () => {
    const browser = (await openBrowser())!;
    try {
      const svg = '<svg xmlns="http://www.w3.org/2000/svg" width="40" height="30"></svg>';
      const attachments = { "a.svg": { "image/svg+xml": svg } };
      const page = await browser.newPage();
      await page.setContent(
        pageOf(
          notebookOf([markdown("![](attachment:a.svg)", attachments), code({ tags: ["hide-cell"] })]),
          "name",
        ),
      );
      await page.waitForFunction("document.images[0].complete");
      expect(await page.evaluate("document.images[0].naturalWidth")).to.equal(40);
      expect(await page.getByText("the output").isVisible()).to.equal(false);
      await page.getByText("Show cell").click();
      expect(await page.getByText("the output").isVisible()).to.equal(true);
    } finally {
      await browser.close();
    }
  });
});
