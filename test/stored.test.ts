import { expect } from "chai";
import { readFileSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { type Cell, repository } from "./support/headless";

const largest = 1.5 * 2 ** 20; // bytes

describe("the notebooks as they are stored", () => {
  const folder = join(repository, "notebooks");
  for (const file of readdirSync(folder).filter((name) => name.endsWith(".ipynb"))) {
    describe(file, () => {
      const read = () => JSON.parse(readFileSync(join(folder, file), "utf8")) as { cells: StoredCell[] };
      const code = () => read().cells.filter((cell) => cell.cell_type === "code");

      it("have run from the first cell to the last, without an error", () => {
        expect(code().map((cell) => cell.execution_count)).to.deep.equal(code().map((_, index) => index + 1));
        const errors = code().flatMap(({ outputs = [] }) => outputs.filter((o) => o.output_type === "error"));
        expect(errors).to.deep.equal([]);
      });

      it("show pictures, described in words, and nothing that a script must draw", () => {
        const shown = code().flatMap(({ outputs = [] }) =>
          outputs.flatMap(({ data }) => (data === undefined ? [] : [data])),
        );
        const html = shown.map((data) => [data["text/html"] ?? ""].flat().join(""));
        const pictures = shown.filter((data) => (data["image/png"] ?? data["image/jpeg"]) !== undefined);
        const inHtml = html.flatMap((text) => text.match(/<img [^>]*>/g) ?? []);
        expect(pictures.length + inHtml.length).to.be.at.least(3);
        for (const data of pictures)
          expect([data["text/plain"] ?? ""].flat().join("").trim()).not.to.equal("");
        for (const image of inHtml) expect(image.replace(/base64,[^"]*/, "")).to.match(/ alt="[^"]/);
        expect(html.filter((text) => text.includes("<script"))).to.deep.equal([]);
        expect(shown.filter((data) => "application/vnd.plotly.v1+json" in data)).to.deep.equal([]);
      });

      it("are small enough for version control", () => {
        expect(statSync(join(folder, file)).size).to.be.below(largest);
      });
    });
  }
});

interface StoredCell extends Cell {
  readonly execution_count?: number | null;
}
