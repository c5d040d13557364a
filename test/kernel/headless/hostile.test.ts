import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import fc from "fast-check";
import { History } from "../../../kernel/dispatch/history";
import { readNotebook, writeNotebook } from "../../../kernel/headless/notebook";
import { pageOf } from "../../../kernel/headless/page";
import { chapterOf } from "../../../kernel/site/chapter";
import { readConnection } from "../../../kernel/wire/connection";
import { readOrRefused, tries } from "../../support/hostile";
import { editedBytes, editedJson } from "../../support/mutations";
import { program } from "../support/client";

const folder = mkdtempSync(join(tmpdir(), "saddle-hostile-"));
const path = join(folder, "hostile.ipynb");
after(() => rmSync(folder, { recursive: true }));

const notebook = {
  nbformat: 4,
  nbformat_minor: 5,
  metadata: { description: "A notebook." },
  cells: [
    { cell_type: "markdown", id: "a", metadata: {}, source: ["# Title\n", "Text."] },
    {
      cell_type: "code",
      id: "b",
      metadata: { tags: ["thumbnail"] },
      execution_count: 1,
      source: "1 + 1",
      outputs: [
        { output_type: "stream", name: "stdout", text: ["2\n"] },
        { output_type: "display_data", data: { "image/png": "AA==", "text/plain": "two" }, metadata: {} },
        { output_type: "error", ename: "E", evalue: "e", traceback: ["E: e"] },
      ],
    },
    { cell_type: "raw", metadata: {}, source: "" },
  ],
};

describe("a notebook from elsewhere", () => {
  it("is read, shown and written, or refused by its name", async () => {
    const texts = fc.oneof(
      { weight: 5, arbitrary: editedJson(notebook).map((text) => Buffer.from(text)) },
      { weight: 1, arbitrary: editedBytes(Buffer.from(JSON.stringify(notebook))) },
    );
    let read = 0;
    const property = fc.asyncProperty(texts, async (text) => {
      writeFileSync(path, text);
      const got = await readOrRefused(path, () => {
        const found = readNotebook(path);
        pageOf(found, "name");
        chapterOf("name", found);
        writeNotebook(join(folder, "written.ipynb"), found);
        return readNotebook(join(folder, "written.ipynb"));
      });
      if (got !== undefined) read++;
    });
    await fc.assert(property, tries(1000));
    expect(read).to.be.within(20, tries(980).numRuns);
  });

  it("is refused by its name, the cell's and the field's", () => {
    const refusal = (value: unknown) => {
      writeFileSync(path, typeof value === "string" ? value : JSON.stringify(value));
      try {
        readNotebook(path);
      } catch (error) {
        return (error as Error).message;
      }
      return "nothing was refused";
    };
    expect(refusal("{")).to.include(`${path}: no notebook, as it is no JSON`);
    expect(refusal("null")).to.equal(`${path}: no notebook of nbformat 4, got null`);
    expect(refusal({ ...notebook, cells: {} })).to.include("the notebook has no cells as nbformat 4 has it");
    expect(refusal({ ...notebook, cells: [null] })).to.equal(`${path}: cell 1 is null`);
    const [first, second] = notebook.cells;
    expect(refusal({ ...notebook, cells: [first, { ...second, source: [1] }] })).to.equal(
      `${path}: cell 2 has no source as nbformat 4 has it, got [1]`,
    );
  });

  it("ends `saddle run` with its name and nothing of the code's own", () => {
    writeFileSync(path, JSON.stringify({ ...notebook, cells: [{ cell_type: "code", metadata: null }] }));
    const { status, stderr } = spawnSync(process.execPath, [program, "run", path, "--out", folder], {
      encoding: "utf8",
    });
    expect(status).to.equal(1);
    expect(stderr).to.equal(`${path}: cell 1 has no source as nbformat 4 has it\n`);
  });
});

describe("a history from elsewhere", () => {
  it("gives its entries, and nothing for other lines", () => {
    const file = join(folder, "history.jsonl");
    const entry = { session: 3, line: 1, input: "1 + 1" };
    const line = fc.oneof(
      editedJson(entry),
      fc.constant(JSON.stringify(entry)),
      editedBytes(Buffer.from(JSON.stringify(entry))).map((bytes) => Buffer.from(bytes).toString()),
    );
    const files = fc.array(line, { maxLength: 5 }).map((lines) => lines.join("\n"));
    const requests = [
      { hist_access_type: "tail", n: 10 },
      { hist_access_type: "range", session: -1, start: 0, stop: 10 },
      { hist_access_type: "search", pattern: "*", unique: true, n: 10 },
    ];
    const property = fc.property(files, (text) => {
      writeFileSync(file, text);
      const history = new History(file);
      for (const request of requests) {
        for (const [session, number, input] of history.find(request as never)) {
          expect([typeof session, typeof number, typeof input]).to.deep.equal(["number", "number", "string"]);
        }
      }
      history.add(1, "2");
      expect(history.find(requests[0] as never).at(-1)?.[2]).to.equal("2");
      expect(new History(file).find(requests[0] as never).at(-1)?.[2]).to.equal("2");
    });
    fc.assert(property, tries(400));
  });
});

describe("a history that cannot be written", () => {
  it("is that of the latest inputs of this session", () => {
    const history = new History(undefined);
    for (let line = 1; line <= 1500; line++) history.add(line, String(line));
    const tail = history.find({ hist_access_type: "tail", n: 2000 } as never);
    expect([tail.length, tail[0], tail.at(-1)]).to.deep.equal([1000, [1, 501, "501"], [1, 1500, "1500"]]);
  });
});

describe("a connection file from elsewhere", () => {
  it("is read or refused by its name", async () => {
    const ports = { shell_port: 1, control_port: 2, stdin_port: 3, iopub_port: 4, hb_port: 5 };
    const good = { transport: "tcp", ip: "127.0.0.1", key: "k", signature_scheme: "hmac-sha256", ...ports };
    let read = 0;
    const property = fc.asyncProperty(editedJson(good), async (text) => {
      writeFileSync(path, text);
      const got = await readOrRefused(path, () => readConnection(path));
      if (got === undefined) return;
      read++;
      for (const name of Object.keys(ports)) expect(got.value).to.have.property(name).that.is.a("number");
    });
    await fc.assert(property, tries(200));
    expect(read).to.be.within(4, tries(196).numRuns);
  });
});
