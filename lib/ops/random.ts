/** Threefry-2x32 with 20 rounds (Salmon et al., "Parallel Random Numbers: As Easy as 1, 2, 3", SC 2011). */
import { apply, type Node, type Op } from "../graph/node";
import { refuse } from "../util/errors";
import { elementwise } from "./elementwise";

const rotations = [
  [13, 15, 26, 6],
  [17, 29, 16, 24],
] as const;
const parity = 0x1bd11bda;

/** The two words that key (k0, k1) makes of counter (x0, x1), as unsigned 32-bit numbers. */
export function threefry2x32(k0: number, k1: number, x0: number, x1: number): [number, number] {
  const keys = [k0, k1, parity ^ k0 ^ k1];
  let [a, b] = [(x0 + k0) | 0, (x1 + k1) | 0];
  for (let group = 0; group < 5; group++) {
    for (const r of rotations[group % 2]) {
      a = (a + b) | 0;
      b = ((b << r) | (b >>> (32 - r))) ^ a;
    }
    a = (a + keys[(group + 1) % 3]) | 0;
    b = (b + keys[(group + 2) % 3] + group + 1) | 0;
  }
  return [a >>> 0, b >>> 0];
}

/** The same in WGSL, for scalars and for vec4: `type` is u32 or vec4u. */
function source(name: string, type: string, word: "a" | "b"): string {
  const lines = [`let k2 = k0 ^ k1 ^ ${type}(${parity}u);`, "var a = x0 + k0;", "var b = x1 + k1;"];
  for (let group = 0; group < 5; group++) {
    for (const r of rotations[group % 2]) {
      lines.push(`a += b; b = ((b << ${type}(${r}u)) | (b >> ${type}(${32 - r}u))) ^ a;`);
    }
    lines.push(`a += k${(group + 1) % 3}; b += k${(group + 2) % 3} + ${type}(${group + 1}u);`);
  }
  const parameters = ["k0", "k1", "x0", "x1"].map((p) => `${p}: ${type}`).join(", ");
  return `fn ${name}(${parameters}) -> ${type} {\n${lines.join("\n")}\nreturn ${word};\n}`;
}

/** Inputs k0, k1, x0, x1; the result is the word of that position. */
function threefryOp(position: 0 | 1): Op {
  const name = `threefry2x32_${position}`;
  const word = position === 0 ? "a" : "b";
  return elementwise(name, {
    dtype: (inputs) => {
      const wrong = inputs.find((x) => x.dtype !== "uint32");
      return wrong ? refuse(name, `needs uint32 tensors, got ${wrong.dtype}`) : "uint32";
    },
    text: (args, type) => `saddle_${name}${type.width === 4 ? "_4" : ""}(${args.join(", ")})`,
    helpers: [source(`saddle_${name}`, "u32", word), source(`saddle_${name}_4`, "vec4u", word)],
    cpu: (k0, k1, x0, x1) => threefry2x32(k0, k1, x0, x1)[position],
    partials: "nondifferentiable",
  });
}

export const threefryOps = [threefryOp(0), threefryOp(1)] as const;

/** Word `position` of Threefry-2x32 of each counter (x0, x1) under each key (k0, k1): four uint32 nodes of one shape. */
export function threefry(position: 0 | 1, k0: Node, k1: Node, x0: Node, x1: Node): Node {
  return apply(threefryOps[position], [k0, k1, x0, x1]);
}
