import { expect } from "chai";
import { digits, iris } from "../../../lib/data";
import { digitsOf } from "../../../lib/data/digits";
import { parseTable, readAsset } from "../../../lib/data/table";

const line = (label: string, pixel = "0") => `${Array<string>(64).fill(pixel).join(",")},${label}`;

describe("data.digits", () => {
  it("reads 1797 images of every digit, scaled to 0..1", () => {
    const source = "digits.csv.gz";
    const { pixels, labels } = digitsOf(source, parseTable(source, readAsset(source), 65));
    expect(pixels).to.have.length(1797 * 64);
    expect(pixels.reduce((least, value) => Math.min(least, value))).to.equal(0);
    expect(pixels.reduce((greatest, value) => Math.max(greatest, value))).to.equal(1);
    const counts = Array.from({ length: 10 }, (_, digit) => labels.filter((label) => label === digit).length);
    expect(counts).to.deep.equal([178, 182, 177, 183, 181, 182, 181, 179, 174, 180]);
  });

  it("gives tensors", async () => {
    const { images, labels, classes } = digits();
    expect(images.shape).to.deep.equal([1797, 8, 8]);
    expect(labels.dtype).to.equal("int32");
    expect(Array.from((await labels.data()).slice(0, 4))).to.deep.equal([0, 1, 2, 3]);
    expect(Array.from((await images.data()).slice(0, 4))).to.deep.equal([0, 0, 5 / 16, 13 / 16]);
    expect(classes).to.have.length(10);
  });

  it("refuses grey values and labels that cannot be, naming the line", () => {
    const read = (text: string) => () => digitsOf("d.csv", parseTable("d.csv", text, 65));
    expect(read(`${line("1")}\n${line("2", "17")}`)).to.throw("d.csv, line 2: grey values go from 0 to 16");
    expect(read(line("10"))).to.throw("d.csv, line 1: 10 is no digit");
  });
});

describe("data.iris", () => {
  it("gives 150 flowers of three species", async () => {
    const { features, labels, classes } = iris();
    expect(features.shape).to.deep.equal([150, 4]);
    expect(new Set(await labels.data())).to.deep.equal(new Set([0, 1, 2]));
    expect(classes).to.deep.equal(["setosa", "versicolor", "virginica"]);
  });
});
