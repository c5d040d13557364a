import { expect } from "chai";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { notebookOf, repository, runNotebook } from "./support/headless";

const readme = readFileSync(join(repository, "README.md"), "utf8");

describe("the README", () => {
  let folder: string;
  before(() => (folder = mkdtempSync(join(tmpdir(), "saddle-readme-"))));
  after(() => rmSync(folder, { recursive: true }));

  it("has examples that run one after the other as the cells of a notebook", () => {
    const examples = [...readme.matchAll(/^```ts\n([^]*?)^```$/gm)].map(([, code]) => code.trimEnd());
    expect(examples).to.have.length.above(4);
    const notebook = join(folder, "readme.ipynb");
    writeFileSync(notebook, notebookOf(examples));
    const { status, stderr, cells } = runNotebook(notebook, folder);
    const errors = cells.flatMap(({ outputs = [] }) =>
      outputs.filter((output) => output.output_type === "error"),
    );
    expect({ status, errors }, stderr).to.deep.equal({ status: 0, errors: [] });
  });

  it("links to files that there are", () => {
    const links = [...readme.matchAll(/\]\((?!https?:)([^)#]+)\)/g)].map(([, path]) => path);
    expect(links.filter((path) => !existsSync(join(repository, path)))).to.deep.equal([]);
  });

  it("names targets that make has", () => {
    const makefile = readFileSync(join(repository, "Makefile"), "utf8");
    const targets = [...readme.matchAll(/\bmake ([a-z]+)\b(?=[^a-z ]| +#)/g)].map(([, target]) => target);
    expect(targets.filter((target) => !makefile.includes(`\n${target}:`))).to.deep.equal([]);
  });
});
