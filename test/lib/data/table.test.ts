import { expect } from "chai";
import { parseTable, readAsset } from "../../../lib/data/table";

describe("a table of numbers", () => {
  it("is read row by row, whatever ends its lines", () => {
    const table = parseTable("a.csv", "1,2.5\r\n-3,4e2\n\n", 2);
    expect(table).to.deep.equal({ rows: 2, columns: 2, values: Float64Array.of(1, 2.5, -3, 400) });
  });

  it("that is broken is refused with the line's number", () => {
    expect(() => parseTable("a.csv", "1,2\n3", 2)).to.throw(
      "a.csv, line 2: 2 numbers are wanted, there are 1",
    );
    expect(() => parseTable("a.csv", "1,x", 2)).to.throw('a.csv, line 1: "x" is no number');
    expect(() => parseTable("a.csv", "1,", 2)).to.throw('a.csv, line 1: "" is no number');
    expect(() => parseTable("a.csv", "\n", 2)).to.throw("a.csv: the file is empty");
  });

  it("that is missing is an error with its path", () => {
    expect(() => readAsset("none.csv.gz")).to.throw(/none\.csv\.gz cannot be read/);
  });
});
