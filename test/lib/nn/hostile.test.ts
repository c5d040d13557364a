import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import fc from "fast-check";
import { cpu, data, nn, optim, tensor, Tensor, withDevice } from "../../../lib";
import { readCheckpoint, writeCheckpoint, type Progress } from "../../../lib/nn/checkpoint";
import { safetensors } from "../../support/formats";
import { bytesAsked, readOrRefused, refusalOf, tries } from "../../support/hostile";
import { editedBytes, editedJson, hostileNames, type Bytes } from "../../support/mutations";
import { onCpu } from "./support";

const folder = mkdtempSync(join(tmpdir(), "saddle-hostile-"));
const path = join(folder, "hostile.safetensors");
after(() => rmSync(folder, { recursive: true }));

function headerOf(file: Bytes): Record<string, unknown> {
  const length = Number(Buffer.from(file).readBigUInt64LE());
  return JSON.parse(Buffer.from(file.subarray(8, 8 + length)).toString()) as Record<string, unknown>;
}

function bytesOf(file: Bytes): Bytes {
  return file.subarray(8 + Number(Buffer.from(file).readBigUInt64LE()));
}

async function load(file: Bytes, like?: unknown): Promise<unknown> {
  writeFileSync(path, file);
  return nn.load(path, like);
}

const place = (start: number, end: number, shape = [(end - start) / 4]) => ({
  dtype: "F32",
  shape,
  data_offsets: [start, end],
});

const widths: Readonly<Record<string, number>> = { F64: 8, F32: 4, F16: 2, BF16: 2, I32: 4, U32: 4, I16: 2 };
Object.assign(widths, { U16: 2, I8: 1, U8: 1, BOOL: 1, I64: 8, U64: 8 });

/** Whether the tensors cover the bytes as the format's specification says, once each. */
function covers(file: Bytes): boolean {
  const entries = Object.entries(headerOf(file)).filter(([name]) => name !== "__metadata__");
  const places = entries.map(([, place]) => place) as {
    dtype: string;
    shape: number[];
    data_offsets: number[];
  }[];
  const sorted = places.sort(
    (a, b) => a.data_offsets[0] - b.data_offsets[0] || a.data_offsets[1] - b.data_offsets[1],
  );
  let end = 0;
  for (const { dtype, shape, data_offsets: offsets } of sorted) {
    const size = shape.reduce((product, n) => product * n, widths[dtype]);
    if (offsets[0] !== end || offsets[1] - offsets[0] !== size) return false;
    end += size;
  }
  return end === bytesOf(file).length;
}

describe("nn.load of files from elsewhere", () => {
  const plain = safetensors(
    { "a.w": place(0, 8), "a.b": place(8, 12, []), n: { dtype: "I64", shape: [1], data_offsets: [12, 20] } },
    new Array<number>(20).fill(0),
  );
  const empty = safetensors(
    { a: place(0, 0, [0]), b: place(0, 4, [1, 1]), __metadata__: { by: "hand" } },
    [0, 0, 0, 0],
  );
  let saved: Bytes;

  before(() =>
    withDevice(cpu, async () => {
      await nn.save(path, { a: [tensor([1, 2]), { b: tensor([3]) }], text: "x", none: null }, { note: "n" });
      saved = readFileSync(path);
    }),
  );

  async function survives(files: fc.Arbitrary<Bytes>, runs: number, like?: unknown): Promise<void> {
    let good = 0;
    const property = fc.asyncProperty(files, async (file) => {
      const asked = await bytesAsked(async () => {
        if ((await readOrRefused(path, () => load(file, like))) === undefined) return;
        good++;
        expect(covers(file)).to.equal(true);
      });
      expect(asked).to.be.at.most(2 ** 17 + 64 * file.length);
    });
    await fc.assert(property, tries(runs));
    expect(good).to.be.within(runs / 100, tries(runs).numRuns - 1);
  }

  onCpu("reads any bytes or refuses them by name", () =>
    survives(fc.oneof(editedBytes(plain, empty), editedBytes(saved)), 800),
  );

  onCpu("reads any header or refuses it by name", () =>
    survives(
      fc.oneof(
        ...[plain, empty, saved].map((file) =>
          editedJson(headerOf(file)).map((text) => safetensors(text, bytesOf(file))),
        ),
      ),
      3000,
    ),
  );

  onCpu("reads any structure in the metadata or refuses it by name", async () => {
    const { __metadata__: metadata, ...entries } = headerOf(saved);
    const { "saddle.structure": structure } = metadata as Record<string, string>;
    const files = editedJson(JSON.parse(structure)).map((text) =>
      safetensors({ __metadata__: { "saddle.structure": text }, ...entries }, bytesOf(saved)),
    );
    await survives(files, 600);
    await survives(files, 300, { a: [tensor([1, 2]), { b: tensor([3]) }], text: "x", none: null });
  });

  onCpu("refuses names that lead out of the tree, and has all others as its own", async () => {
    for (const name of hostileNames) {
      const got = await readOrRefused(path, () =>
        load(safetensors({ [name]: place(0, 4, []) }, [0, 0, 0, 0])),
      );
      const refused = /(^|\.)(__proto__|constructor)(\.|$)/.test(name) || name === "__metadata__";
      expect(got === undefined, name).to.equal(refused);
      if (got === undefined) continue;
      const own = name
        .split(".")
        .reduce<unknown>((at, key) => Object.getOwnPropertyDescriptor(at, key)?.value, got.value);
      expect(own, name).to.be.instanceOf(Tensor);
    }
    expect(await refusalOf(load(safetensors('{"__proto__.x":0}')))).to.equal(
      `ArgumentError: load: ${path} has the entry "__proto__.x": __proto__ cannot be a name in a tree; rename it`,
    );
  });

  onCpu("refuses one tensor inside of another, unless it is told the names", async () => {
    for (const names of [
      ["a", "a.b.c"],
      ["a.b.c", "a"],
    ]) {
      const file = safetensors(
        { [names[0]]: place(0, 4), [names[1]]: place(4, 8) },
        new Array<number>(8).fill(0),
      );
      expect(await refusalOf(load(file))).to.include(`${path} holds the tensor a and others`);
      expect(await load(file, { a: tensor([0]), "a.b.c": tensor([0]) })).to.have.keys("a", "a.b.c");
    }
  });

  const faults: readonly (readonly [what: string, file: Bytes, said: string])[] = [
    ["overlaps", safetensors({ a: place(0, 8), b: place(4, 12) }, new Array<number>(12)), "b of PATH has data_offsets [4, 12]: an overlap"],
    ["holes", safetensors({ a: place(0, 4), b: place(8, 12) }, new Array<number>(12)), "b of PATH has data_offsets [8, 12]: a hole"],
    ["negative offsets", safetensors({ a: place(-4, 0, [1]) }, []), "a of PATH has no data_offsets"],
    ["fractional offsets", safetensors({ a: place(0.5, 4.5, [1]) }, [0, 0, 0, 0, 0]), "a of PATH has no data_offsets"],
    ["offsets backwards", safetensors({ a: place(4, 0, []) }, [0, 0, 0, 0]), "a of PATH has no data_offsets"],
    ["bytes behind the last tensor", safetensors({ a: place(0, 4) }, new Array<number>(5)), "PATH has 1 bytes behind"],
    ["shapes that overflow", safetensors({ a: place(0, 0, [2 ** 40, 2 ** 40, 0]) }), "a of PATH has 0 bytes, but shape"],
    ["nine dimensions", safetensors({ a: place(0, 4, new Array<number>(9).fill(1)) }, [0, 0, 0, 0]), "at most 8 dimensions"],
    ["a list for a header", safetensors("[]"), "PATH has no safetensors header: it must begin with {"],
    ["null for a header", safetensors("null"), "PATH has no safetensors header"],
    ["space before the header", safetensors(" {}"), "PATH has no safetensors header"],
    ["null for an entry", safetensors({ a: null }), "a of PATH has no dtype, shape and data_offsets, got null"],
    ["no shape", safetensors({ a: { dtype: "F32", data_offsets: [0, 0] } }), "a of PATH has no shape"],
    ["a dtype of every object", safetensors({ a: { ...place(0, 0), dtype: "constructor" } }), "has dtype constructor"],
    ["a name twice", safetensors('{"a":{"dtype":"U8","shape":[0],"data_offsets":[0,0]},"\\u0061":0}'), '"a" stands twice'],
    ["metadata that is no text", safetensors({ __metadata__: { a: 1 } }), "a in __metadata__ of PATH must be a text"],
    ["metadata that is a list", safetensors({ __metadata__: [] }), "__metadata__ of PATH must hold texts"],
    ["a structure that is no JSON", safetensors({ __metadata__: { "saddle.structure": "{" } }), "PATH has a broken structure"],
    ["what is not UTF-8", Buffer.concat([safetensors("{  }").subarray(0, 9), Uint8Array.of(0xff, 0xff, 0x7d)]), "it is not UTF-8"],
  ]; // prettier-ignore
  for (const [what, file, said] of faults) {
    onCpu(`refuses ${what}`, async () => {
      expect(await refusalOf(load(file)))
        .to.match(/^ArgumentError: load: /)
        .and.include(said.replace("PATH", path));
    });
  }

  onCpu("refuses a header of more than 100 MB before it is looked at", async () => {
    const file = Buffer.alloc(8 + 100_000_001, "{");
    file.writeBigUInt64LE(100_000_001n);
    expect(await refusalOf(load(file))).to.include("at most 100000000 are allowed");
  });
});

describe("nn.save", () => {
  onCpu("refuses what it could not give back, by its name", async () => {
    const [t, u] = [tensor([1]), tensor([2])];
    const refusals: readonly (readonly [tree: unknown, said: string])[] = [
      [{ "a.b": t, a: { b: u } }, "two tensors of the tree would have the name a.b"],
      [{ a: [t], "a.0": u }, "the name a.0"],
      [{ "": t, tensor: u }, "the name tensor"],
      [JSON.parse('{"__proto__":{}}'), "the tree holds no tensor"],
      [Object.fromEntries([["__proto__", t]]), "__proto__ cannot be a name in a tree"],
      [{ __metadata__: t }, "__metadata__ is the format's own name"],
      [{ a: t, f: () => 1 }, "f is function f"],
      [{ a: t, b: [NaN] }, "b.0 is NaN"],
      [{ a: t, b: 1n }, "b is 1n, which a file cannot hold"],
      [{ a: t, b: new Date() }, "b is a Date"],
    ];
    for (const [tree, said] of refusals) expect(await refusalOf(nn.save(path, tree))).to.include(said);
    const metadata = (given: unknown) => refusalOf(nn.save(path, t, given as never));
    expect(await metadata({ a: 1 })).to.include("metadata must hold texts by name");
    expect(await metadata({ "saddle.structure": "" })).to.include("must not have the name saddle.structure");
  });

  onCpu("gives every tree back that it takes", async () => {
    const { tree } = fc.letrec((tie) => ({
      tree: fc.oneof(
        { depthSize: "small", withCrossShrink: true },
        fc.integer().map((n) => tensor([n], { dtype: "int32" })),
        fc.constantFrom("text", null, true, -1.5),
        fc.array(tie("tree"), { maxLength: 3 }),
        fc.dictionary(fc.constantFrom("a", "b", "a.b", "0", "toString", "prototype", ""), tie("tree")),
      ),
    }));
    let kept = 0;
    const property = fc.asyncProperty(tree, async (given) => {
      const whole = { given, always: tensor([0], { dtype: "int32" }) };
      const saved = await readOrRefused("save", () => nn.save(path, whole).then(() => true));
      if (saved === undefined) return;
      kept++;
      expect(await plain(await nn.load(path))).to.deep.equal(await plain(whole));
    });
    await fc.assert(property, tries(150));
    expect(kept).to.be.greaterThan(100);
  });

  /** With arrays for tensors. */
  async function plain(tree: unknown): Promise<unknown> {
    if (tree instanceof Tensor) return { tensor: await tree.array() };
    if (Array.isArray(tree)) return Promise.all(tree.map(plain));
    if (typeof tree !== "object" || tree === null) return tree;
    const entries = Object.entries(tree).map(async ([key, part]) => [key, await plain(part)] as const);
    return Object.fromEntries(await Promise.all(entries));
  }
});

describe("a checkpoint from elsewhere", () => {
  const variables = { params: { w: tensor([1]) }, state: {} };
  const fresh: Progress = {
    state: { variables, optimizer: [], step: tensor(0, { dtype: "int32" }) },
    best: { variables, loss: 0.5, epoch: 1 },
    history: {
      losses: [1, 0.5],
      gradNorms: [1, 1],
      epochs: [{ epoch: 1, loss: 1, metrics: { accuracy: 0.5 }, step: 2, seconds: 1 }],
    },
    sums: { count: 2, loss: 3, metrics: { accuracy: 1 } },
    position: { epoch: 1, batch: 0 },
  };

  onCpu("is read or refused by name, whatever its numbers are", async () => {
    const good = join(folder, "good.safetensors");
    await writeCheckpoint(good, fresh);
    const file = readFileSync(good);
    const { __metadata__: metadata, ...entries } = headerOf(file) as Record<string, Record<string, string>>;
    const texts = editedJson(JSON.parse(metadata["saddle.fit"]));
    let read = 0;
    const property = fc.asyncProperty(texts, async (text) => {
      const header = { __metadata__: { ...metadata, "saddle.fit": text }, ...entries };
      writeFileSync(path, safetensors(header, bytesOf(file)));
      const got = await readOrRefused(path, () => readCheckpoint(path, fresh));
      if (got?.value === undefined) return;
      read++;
      const { history, sums, best } = got.value;
      for (const loss of [...history.losses, ...history.epochs.map((epoch) => epoch.loss), sums.loss]) {
        expect(loss).to.be.oneOf([null, loss]).and.not.be.a("string");
      }
      expect(Number.isSafeInteger(sums.count) && Number.isSafeInteger(best.epoch)).to.equal(true);
    });
    await fc.assert(property, tries(800));
    expect(read).to.be.within(8, tries(780).numRuns);
  });

  onCpu("with a position that the loader refuses is refused by its name", async () => {
    const model = nn.dense(1);
    const batches = data.loader(
      { inputs: tensor([[1], [2]]), targets: tensor([[1], [2]]) },
      { batchSize: 1 },
    );
    const options = { epochs: 1, loss: nn.loss.mse, progress: false, checkpoint: path };
    rmSync(path, { force: true });
    await nn.fit(model, optim.sgd({ learningRate: 0.1 }), batches, options);
    const file = readFileSync(path);
    const { __metadata__: metadata, ...entries } = headerOf(file) as Record<string, Record<string, string>>;
    const numbers = { ...(JSON.parse(metadata["saddle.fit"]) as object), position: { epoch: -1 } };
    const header = { __metadata__: { ...metadata, "saddle.fit": JSON.stringify(numbers) }, ...entries };
    writeFileSync(path, safetensors(header, bytesOf(file)));
    const again = Promise.resolve(
      nn.fit(model, optim.sgd({ learningRate: 0.1 }), batches, { ...options, epochs: 2 }),
    );
    expect(await refusalOf(again)).to.include(`fit: ${path} has a position to which the loader cannot go`);
  });
});
