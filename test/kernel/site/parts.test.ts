import { expect } from "chai";
import type { Cell, Notebook, Output } from "../../../kernel/headless/notebook";
import { MagicRegistry } from "../../../kernel/magics/registry";
import { chapterOf } from "../../../kernel/site/chapter";
import { framed, withoutRuntime } from "../../../kernel/site/frame";
import { examplesOf, magicNotebook } from "../../../kernel/site/magicPage";
import { entriesOf } from "../../../kernel/site/search";

const notebookOf = (cells: readonly Cell[], metadata = {}): Notebook => ({
  ...{ cells, metadata, nbformat: 4, nbformat_minor: 5 },
});
const prose = (source: string): Cell => ({ cell_type: "markdown", source, metadata: {} });
const picture = (text: string): Output => ({
  output_type: "display_data",
  data: { "image/png": Buffer.from(text).toString("base64"), "text/plain": `${text}\n3 points` },
  metadata: {},
});
const code = (source: string, outputs: readonly Output[] = [], tags: string[] = []): Cell => ({
  ...{ cell_type: "code", source, metadata: { tags }, outputs },
});

describe("the site's index", () => {
  it("takes a notebook's title, the first sentence of its prose and its first picture", () => {
    const cells = [
      prose("# Canyons\n\n*Slide 9.*"),
      prose("Narrow ones are slow: they are.\nMore."),
      code("1"),
    ];
    const { title, description, picture: shown } = chapterOf("c", notebookOf(cells));
    expect({ title, description, shown }).to.deep.equal({
      title: "Canyons",
      description: "Narrow ones are slow.",
      shown: undefined,
    });
  });

  it("prefers the description in the metadata and the picture of the cell that is tagged", () => {
    const cells = [
      prose("# A\n\nText."),
      code("1", [picture("first")]),
      code("2", [picture("best")], ["thumbnail"]),
    ];
    const chapter = chapterOf("a", notebookOf(cells, { description: "What it is about." }));
    expect(chapter.description).to.equal("What it is about.");
    expect(chapter.picture).to.deep.equal({ bytes: Buffer.from("best"), suffix: "png", label: "best" });
  });
});

describe("the site's search", () => {
  it("has an entry for each section, with its prose and code, and the heading's address", () => {
    const cells = [
      prose("# Title\n\nIntro of $\\kappa$."),
      code("const a = 1;\n# no heading"),
      prose("## The `step` size\nShort."),
    ];
    expect(entriesOf(notebookOf(cells), "Page", "n/a.html")).to.deep.equal([
      {
        title: "Title",
        page: "Page",
        url: "n/a.html#title",
        text: "\nIntro of \\kappa.\nconst a = 1;\n# no heading",
      },
      { title: "The `step` size", page: "Page", url: "n/a.html#the-step-size", text: "Short." },
    ]);
  });
});

describe("a magic's page", () => {
  const hessian = new MagicRegistry().named("hessian");

  it("has all that the registry says of it, and its example with what that shows", () => {
    const [reference, , example] = magicNotebook(hessian, [picture("spectrum")]).cells;
    for (const part of [
      "# %hessian",
      hessian.summary,
      hessian.usage,
      ...hessian.options.map(({ help }) => help),
    ])
      expect(reference.source).to.contain(part);
    expect(example).to.deep.include({ source: hessian.example, outputs: [picture("spectrum")] });
  });

  it("has an example, for every standard magic, that uses it", () => {
    const magics = new MagicRegistry().all();
    const examples = examplesOf(magics).cells.map(({ source }) => source);
    expect(examples).to.have.length(magics.length);
    magics.forEach(({ name }, index) =>
      expect(examples[index]).to.match(new RegExp(`^%{1,2}${name}\\b`, "m")),
    );
  });
});

describe("a page of the site", () => {
  it("refers to what the pages share from where it is, instead of having it in itself", () => {
    const body = `<div class="saddle-figure"></div><script>small()</script><script class="saddle-runtime">draw()</script>`;
    const page = framed({ title: "1 < 2", url: "notebooks/a.html", body }, { hasApi: false });
    expect(page).to.contain('<script src="../figures.js">').and.contain("<title>1 &lt; 2</title>");
    expect(page).to.contain("small()").and.not.contain("draw()").and.not.contain("api/");
    expect(withoutRuntime(body).runtime).to.equal("draw()");
  });
});
