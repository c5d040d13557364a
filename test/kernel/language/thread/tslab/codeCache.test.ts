import { expect } from "chai";
import { readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { keepBytecode, loadKept } from "../../../../../kernel/language/thread/tslab/codeCache";
import { emptyFolder } from "../../../support/client";

describe("the bytecode of the compiler", () => {
  const folder = emptyFolder();
  const module = join(folder, "module.js");
  const kept = join(folder, "saddle");
  const { XDG_CACHE_HOME: given } = process.env;
  const load = () => loadKept(module, {}) as { name: string; sum: (a: number, b: number) => number };

  before(() => {
    process.env["XDG_CACHE_HOME"] = folder;
    const code = 'exports.name = require("node:path").basename(__filename); exports.sum = (a, b) => a + b;';
    writeFileSync(module, code);
  });
  after(() => {
    rmSync(folder, { recursive: true });
    if (given === undefined) Reflect.deleteProperty(process.env, "XDG_CACHE_HOME");
    else process.env["XDG_CACHE_HOME"] = given;
  });

  it("is kept once, and serves the next to load the module", () => {
    for (let round = 0; round < 2; round++) {
      const { name, sum } = load();
      expect([name, sum(1, 2)]).to.deep.equal(["module.js", 3]);
      keepBytecode();
      expect(readdirSync(kept)).to.have.length(1);
    }
    load();
    rmSync(kept, { recursive: true });
    keepBytecode();
    expect(readdirSync(folder)).to.deep.equal(["module.js"]);
  });

  it("is made anew where it is broken, or the module has changed", () => {
    load();
    keepBytecode();
    const [file] = readdirSync(kept);
    writeFileSync(join(kept, file), "broken");
    expect(load().sum(1, 2)).to.equal(3);
    keepBytecode();
    writeFileSync(module, "exports.sum = (a, b) => a * b;");
    expect(load().sum(2, 3)).to.equal(6);
    keepBytecode();
    expect(readdirSync(kept)).to.have.length(2);
  });

  it("is not missed where there is no folder to keep it in", () => {
    process.env["XDG_CACHE_HOME"] = module;
    expect(load().sum(2, 3)).to.equal(6);
    keepBytecode();
  });
});
