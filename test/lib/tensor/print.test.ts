import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { decode } from "fast-png";
import {
  arange,
  cpu,
  eye,
  full,
  stack,
  tensor,
  withDevice,
  zeros,
  type DType,
  type Tensor,
} from "../../../lib";
import { formatArray } from "../../../lib/tensor/print";
import { bundleOf } from "../../../lib/util/bundle";

/** What NumPy 2.4 prints of an array, by lines. */
interface Printed {
  readonly dtype: DType;
  readonly shape: readonly number[];
  readonly data: readonly (number | "nan" | "inf" | "-inf" | "-0.0")[];
  readonly text: readonly string[];
}

const printed = JSON.parse(
  readFileSync(join(__dirname, "../../../../test/golden/print.json"), "utf8"),
) as Printed[];

function parsed(value: Printed["data"][number]): number {
  const names = { nan: NaN, inf: Infinity, "-inf": -Infinity, "-0.0": -0 };
  return typeof value === "number" ? value : names[value];
}

/** The HTML of what `make` makes on `cpu`. */
async function html(make: () => Tensor): Promise<string> {
  const bundle = await bundleOf(withDevice(cpu, make));
  return String(bundle["text/html"]);
}

/** What the HTML's picture shows: its pixels, and its alternative text. */
function picture(text: string): { pixels: number[]; width: number; channels: number; alt: string } {
  const { alt, data } = /<img alt="(?<alt>[^"]*)" src="data:image\/png;base64,(?<data>[^"]*)"/.exec(
    text,
  )!.groups!;
  const png = decode(Buffer.from(data, "base64"));
  return { pixels: Array.from(png.data), width: png.width, channels: png.channels, alt };
}

describe("a tensor's text", () => {
  it("is NumPy's, and dtype and shape", () => {
    for (const { dtype, shape, data, text } of printed) {
      const found = formatArray(Float64Array.from(data.map(parsed)), shape, dtype);
      const wanted = [...text, `${dtype} [${shape.join(", ")}]`].join("\n").replaceAll("...", "…");
      expect(found).to.equal(wanted);
    }
  });

  it("has words for booleans, right-aligned", () => {
    expect(formatArray(Uint8Array.of(1, 0), [2], "bool")).to.equal("[ true false]\nbool [2]");
  });
});

describe("a tensor's HTML", () => {
  it("says dtype, shape, device, the range of the numbers and how many are none", async () => {
    const text = await html(() => tensor([1, 2.5, NaN, -3]));
    expect(text).to.contain("float64 [4]").and.contain("on cpu");
    expect(text).to.contain("min −3 · mean 0.166667 · max 2.5 · <b>1 NaN</b>");
    expect(text).to.contain("[ 1.   2.5  nan -3. ]").and.not.contain("<img");
    expect(await html(() => tensor([[true, false, true]]))).to.contain("2 of 3 true");
    expect(await html(() => zeros([0, 3])))
      .to.contain("float64 [0, 3]")
      .and.not.contain("min");
    expect(await html(() => full([3], NaN)))
      .to.contain("<b>3 NaN</b>")
      .and.not.contain("min");
  });

  it("shows a matrix from black to white, and through white where signs differ", async () => {
    const { pixels, alt } = picture(await html(() => eye(4)));
    expect(alt).to.equal("float64 [4, 4] as a picture: black 0 to white 1");
    expect(pixels).to.deep.equal(
      Array.from({ length: 48 }, (_, i) => (Math.floor(i / 3) % 5 === 0 ? 255 : 0)),
    );
    const signed = picture(await html(() => arange(16).reshape([4, 4]).sub(8)));
    expect(signed.alt).to.contain("vermillion −8, white 0, blue 8");
    expect(signed.pixels.slice(0, 3)).to.deep.equal([0xd5, 0x5e, 0x00]);
    expect(signed.pixels.slice(24, 27)).to.deep.equal([0xf7, 0xf7, 0xf7]);
  });

  it("shows planes as red, green, blue and opacity, without stretching [0, 1]", async () => {
    const plane = (v: number): Tensor => full([8, 8], v);
    const planes = [0, 0.2, 0.4, 0.6];
    for (const channels of [3, 4]) {
      const image = picture(await html(() => stack(planes.slice(0, channels).map(plane))));
      expect(image.channels).to.equal(channels);
      expect(image.pixels.slice(0, channels)).to.deep.equal([0, 51, 102, 153].slice(0, channels));
    }
    expect(await html(() => stack(planes.map((v) => plane(v - 1))))).to.not.contain("<img");
  });

  it("averages what is larger than a picture, and paints NaN in a colour of its own", async () => {
    const large = picture(await html(() => arange(2).tile([512, 300])));
    expect(large.width).to.equal(200);
    expect(large.alt).to.contain("means of 3 × 3");
    const { pixels, alt } = picture(await html(() => full([4, 4], NaN)));
    expect(alt).to.contain("NaN pink");
    expect(pixels.slice(0, 3)).to.deep.equal([0xcc, 0x79, 0xa7]);
  });

  it("folds long texts away, and shows no lines as pictures", async () => {
    expect(await html(() => zeros([28, 28]))).to.contain("<details>");
    expect(await html(() => zeros([16, 4, 8, 8]))).to.contain("<details>");
    expect(await html(() => zeros([4, 200]))).to.not.contain("<img");
    expect(await html(() => zeros([3, 4, 5]))).to.not.contain("<img");
  });
});
