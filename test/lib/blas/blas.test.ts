import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { system } from "../../../lib/blas/system";
import { faultOf } from "../../../lib/blas/selfTest";
import { breakLibrary, loadedFrom } from "../../support/brokenLibrary";

const program = join(__dirname, "decompositions.js");

interface Run {
  readonly results: Record<string, number[]>;
  readonly refusals: Record<string, string>;
  readonly warnings: string;
  readonly library: string | undefined;
}

/** Runs the decompositions in a process of their own, with that library or the machine's. */
function run(library?: string): Run {
  const env = { ...process.env, ...(library !== undefined && { SADDLE_BLAS: library }) };
  const text = execFileSync(process.execPath, [program], { env, encoding: "utf8", maxBuffer: 2 ** 28 });
  return JSON.parse(text) as Run;
}

describe("the machine's BLAS and LAPACK", () => {
  let folder: string;
  let own: Run;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), "saddle-blas-"));
    own = run("off");
  });
  after(() => rmSync(folder, { recursive: true }));

  const expectSame = ({ results, refusals }: Run): void => {
    expect(refusals).to.deep.equal(own.refusals);
    expect(Object.keys(results)).to.deep.equal(Object.keys(own.results));
    for (const [name, numbers] of Object.entries(results)) {
      const size = Math.max(...own.results[name].map(Math.abs), 1);
      numbers.forEach((x, i) => expect(Math.abs(x - own.results[name][i]), name).to.be.at.most(1e-9 * size));
    }
  };

  it("give what the decompositions in JavaScript give, signs included, and the same refusals", function () {
    const found = run();
    // Nothing to hold against: the same code ran twice.
    if (found.library === undefined) this.skip();
    expect(found.warnings).to.equal("");
    expectSame(found);
  });

  it("are not looked for where that is forbidden", () => {
    expect([own.library, own.warnings]).to.deep.equal([undefined, ""]);
  });

  it("are left alone, in a line that says so, where the file is not there or is another library", () => {
    for (const [file, why] of [
      ["/nowhere/libblas.so", "cannot be used"],
      ["libm.so.6", "it has no dgemm"],
    ] as const) {
      const found = run(file);
      expect(found.library).to.equal(undefined);
      expect(found.warnings).to.match(new RegExp(`^${file} is left alone: .*${why}.*JavaScript\\.$`));
      expectSame(found);
    }
  });

  const broken = [
    ["dgemm_", "return", /dgemm is off by 1\b/],
    ["dsyevd_", "return", /dsyevd is off by/],
    ["dpotrf_", "crash", /its self-test ended with SIG(ILL|TRAP|SEGV)/],
  ] as const;
  for (const [symbol, how, reason] of broken) {
    it(`are left alone, in a line that says so, where ${symbol} ${how === "return" ? "does nothing" : "crashes"}`, function () {
      const { library } = system();
      const file = library && loadedFrom(library.name);
      const copy = join(folder, `${symbol}.so`);
      // Without a library, or on another processor, there is none to break.
      if (file === undefined || !breakLibrary(file, copy, symbol, how)) this.skip();
      const found = run(copy);
      expect(found.library).to.equal(undefined);
      expect(found.warnings.split("\n")).to.have.length(1);
      expect(found.warnings).to.match(reason);
      expectSame(found);
    });
  }

  it("pass the self-test that lets them in", function () {
    const { library } = system();
    if (library === undefined) this.skip();
    expect(faultOf(library)).to.equal(undefined);
    expect(faultOf({ ...library, call: () => undefined })).to.match(/^dgemm is off by/);
  });
});
