import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { ArgumentError, nn, random, tensor, type Tensor } from "../../../lib";
import { safetensors } from "../../support/formats";
import { numbers, onCpu } from "./support";

const folder = () => mkdtempSync(join(tmpdir(), "saddle-store-"));

/** A reader of the format by its description alone, in Python's standard library. */
const reader = `
import json, struct, sys
data = open(sys.argv[1], "rb").read()
(size,) = struct.unpack("<Q", data[:8])
header = json.loads(data[8:8 + size])
metadata = header.pop("__metadata__", {})
codes = {"F64": "d", "F32": "f", "I32": "i", "U32": "I", "BOOL": "?"}
out, end = {}, 0
for name, entry in sorted(header.items(), key=lambda item: item[1]["data_offsets"]):
    start, stop = entry["data_offsets"]
    assert start == end, "a hole"
    end = stop
    code = codes[entry["dtype"]]
    values = struct.unpack("<%d%s" % ((stop - start) // struct.calcsize(code), code), data[8 + size + start:8 + size + stop])
    out[name] = [entry["dtype"], entry["shape"], list(values)]
assert 8 + size + end == len(data) and (8 + size) % 8 == 0
assert all(type(value) is str for value in metadata.values())
print(json.dumps(out))
`;

async function refused(work: Promise<unknown>): Promise<string> {
  const error = await work.catch((e: unknown) => e as Error);
  expect(error).to.be.instanceOf(ArgumentError);
  return (error as Error).message;
}

describe("nn.save", () => {
  it("writes what a reader of the safetensors format understands, from the GPU in float32", async () => {
    const path = join(folder(), "model.safetensors");
    await nn.save(path, {
      flag: tensor([true]),
      w: tensor([[1, 2.5]]),
      n: [tensor([-3], { dtype: "int32" })],
    });
    const read = JSON.parse(execFileSync("python3", ["-c", reader, path], { encoding: "utf8" })) as object;
    expect(read).to.deep.equal({
      flag: ["BOOL", [1], [true]],
      w: ["F32", [1, 2], [1, 2.5]],
      "n.0": ["I32", [1], [-3]],
    });
    expect(readdirSync(join(path, ".."))).to.deep.equal(["model.safetensors"]);
  });

  onCpu("and nn.load give a model's variables back, exactly and in their structure", async () => {
    const path = join(folder(), "model.safetensors");
    const model = nn.sequential(nn.dense(3), nn.relu(), nn.batchNorm());
    const variables = model.init(random.key(0), [1, 2]);
    await nn.save(path, variables);
    const loaded = await nn.load(path, variables);
    expect(await numbers(loaded.params[0].w)).to.deep.equal(await numbers(variables.params[0].w));
    const free = await nn.load<typeof variables>(path);
    expect(free.params[1]).to.deep.equal({});
    expect(await numbers(free.state[2].variance)).to.deep.equal([1, 1, 1]);
  });

  onCpu("refuses what holds no tensor", async () => {
    expect(await refused(nn.save("a", {}))).to.include("the tree holds no tensor");
  });
});

describe("nn.load", () => {
  /** A file as another library writes it. */
  function write(header: object, bytes: Uint8Array): string {
    const path = join(folder(), "other.safetensors");
    writeFileSync(path, safetensors(header, bytes));
    return path;
  }

  onCpu("nests other files at the dots of their names, and reads halves and long integers", async () => {
    const path = write(
      {
        "fc.weight": { dtype: "F16", shape: [2], data_offsets: [0, 4] },
        "fc.bias": { dtype: "BF16", shape: [1], data_offsets: [4, 6] },
        steps: { dtype: "I64", shape: [], data_offsets: [6, 14] },
      },
      Uint8Array.of(0x00, 0x3c, 0x00, 0xc0, 0x20, 0xc1, 7, 0, 0, 0, 0, 0, 0, 0),
    );
    const { fc, steps } = await nn.load<{ fc: { weight: Tensor; bias: Tensor }; steps: Tensor }>(path);
    expect(await fc.weight.array()).to.deep.equal([1, -2]);
    expect(await fc.bias.array()).to.deep.equal([-10]);
    expect(await steps.item()).to.equal(7);
  });

  onCpu("refuses files that are broken or other than wanted, naming the place", async () => {
    const place = { dtype: "F32", shape: [2], data_offsets: [0, 8] };
    const path = write({ "a.w": place }, new Uint8Array(8));
    expect(await refused(nn.load(path, { a: { w: tensor([1]) } }))).to.include("a.w of");
    expect(await refused(nn.load(path, { a: { v: tensor([1]) } }))).to.include("holds no a.v");
    expect(await refused(nn.load(write({ w: place }, new Uint8Array(4))))).to.include("ends early");
    expect(await refused(nn.load(write({ w: { ...place, dtype: "F8" } }, new Uint8Array(8))))).to.include(
      "dtype F8",
    );
    expect(await refused(nn.load("/nowhere"))).to.include("/nowhere cannot be read");
    const half = join(folder(), "half");
    writeFileSync(half, readFileSync(path).subarray(0, 20));
    expect(await refused(nn.load(half))).to.include("is no safetensors file, or ends early");
  });
});
