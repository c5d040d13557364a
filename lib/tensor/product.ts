/** Products that sum over shared axes. */
import type { Node } from "../graph/node";
import { mul } from "../ops/binary";
import { matmul as matmulNodes } from "../ops/matmul";
import { broadcastTo, sum as sumNodes } from "../ops/sum";
import { permute, reshape } from "../ops/view";
import { describe, refuse } from "../util/errors";
import { broadcastShapes, formatShape, sizeOf } from "../util/shapes";
import { numericOperands } from "./lift";
import { wrap, type Tensor, type TensorLike } from "./tensor";

/**
 * The matrix product over the last axis of `a` and the last but one of `b`, as NumPy's `@`: leading axes broadcast, a
 * vector stands for a row on the left and a column on the right.
 */
export function matmul(a: TensorLike, b: TensorLike): Tensor {
  const [x, y] = numericOperands("matmul", [a, b]);
  if (x.shape.length === 0 || y.shape.length === 0) {
    refuse(
      "matmul",
      `a and b must have at least one axis, got shapes ${formatShape(x.shape)} and ${formatShape(y.shape)}; use mul for scalars`,
    );
  }
  const left = x.shape.length === 1 ? reshape(x, [1, ...x.shape]) : x;
  const right = y.shape.length === 1 ? reshape(y, [...y.shape, 1]) : y;
  const [k, k2] = [left.shape[left.shape.length - 1], right.shape[right.shape.length - 2]];
  if (k !== k2) {
    refuse(
      "matmul",
      `a ${formatShape(x.shape)} and b ${formatShape(y.shape)} do not fit: the inner lengths are ${k} and ${k2}`,
    );
  }
  const product = batchedProduct(left, right, x, y);
  const shape = [...product.shape];
  if (y.shape.length === 1) shape.pop();
  if (x.shape.length === 1) shape.splice(shape.length - (y.shape.length === 1 ? 1 : 2), 1);
  return wrap(reshape(product, shape));
}

function batchedProduct(left: Node, right: Node, x: Node, y: Node): Node {
  const [batchL, batchR] = [left.shape.slice(0, -2), right.shape.slice(0, -2)];
  // One matrix on the right of many: their rows are one tall matrix.
  if (right.shape.length === 2 && left.shape.length > 2) {
    const [m, k] = left.shape.slice(-2);
    const tall = matmulNodes(reshape(left, [sizeOf(batchL) * m, k]), right);
    return reshape(tall, [...batchL, m, right.shape[1]]);
  }
  const batch = broadcastShapes(batchL, batchR);
  if (batch === undefined) {
    return refuse(
      "matmul",
      `leading axes of a ${formatShape(x.shape)} and b ${formatShape(y.shape)} do not broadcast`,
    );
  }
  return matmulNodes(
    broadcastTo(left, [...batch, ...left.shape.slice(-2)]),
    broadcastTo(right, [...batch, ...right.shape.slice(-2)]),
  );
}

/** Σ a·b of two vectors; of higher dimensions over the last axis of `a` and the last but one of `b`, as `matmul`. */
export function dot(a: TensorLike, b: TensorLike): Tensor {
  const [x, y] = numericOperands("dot", [a, b]);
  if (x.shape.length === 1 && y.shape.length === 1) {
    if (x.shape[0] !== y.shape[0])
      refuse("dot", `a and b must have one length, got ${x.shape[0]} and ${y.shape[0]}`);
    return wrap(sumNodes(mul(x, y), [0]));
  }
  if (x.shape.length === 0 || y.shape.length === 0) {
    const shape = x.shape.length === 0 ? y.shape : x.shape;
    return wrap(mul(broadcastTo(x, shape), broadcastTo(y, shape)));
  }
  return matmul(wrap(x), wrap(y));
}

/** a_i · b_j of two vectors (flattened if they are not). */
export function outer(a: TensorLike, b: TensorLike): Tensor {
  const [x, y] = numericOperands("outer", [a, b]);
  const [m, n] = [sizeOf(x.shape), sizeOf(y.shape)];
  return wrap(mul(broadcastTo(reshape(x, [m, 1]), [m, n]), broadcastTo(reshape(y, [1, n]), [m, n])));
}

interface Term {
  readonly node: Node;
  readonly labels: readonly string[];
}

/**
 * Sums products of elements over the letters that the output lacks: `einsum("ij,jk->ik", a, b)`. Each operand has a
 * letter an axis; `...` stands for leading axes, which broadcast; a letter repeated in one operand takes the diagonal.
 * Without `->` the output has the letters that occur once, in alphabetical order.
 */
export function einsum(subscripts: string, ...operands: readonly TensorLike[]): Tensor {
  if (typeof subscripts !== "string")
    refuse("einsum", `subscripts must be a string, got ${describe(subscripts)}`);
  if (operands.length === 0) refuse("einsum", "operands must be at least one tensor, got none");
  const nodes = numericOperands(
    "einsum",
    operands,
    operands.map((_, i) => `operand ${i}`),
  );
  const { inputs, output } = parseSubscripts(subscripts, nodes);
  const sizes = new Map<string, number>();
  const terms = nodes.map((node, i) => diagonal({ node, labels: inputs[i] }, sizes, subscripts));
  for (const label of output) {
    if (!sizes.has(label))
      refuse("einsum", `subscripts "${subscripts}" have "${label}" in the output, which is in no operand`);
  }
  const [first, ...rest] = terms;
  const product = rest.reduce((left, right, i) => {
    const later = new Set([...output, ...rest.slice(i + 1).flatMap((t) => t.labels)]);
    return contractPair(left, right, later, sizes);
  }, first);
  return wrap(arrange(product, output, sizes));
}

/** Letters of each operand and of the output; dots become letters `.0`, `.1`, … from the right. */
function parseSubscripts(text: string, nodes: readonly Node[]): { inputs: string[][]; output: string[] } {
  const [left, right, ...more] = text.replace(/\s/g, "").split("->");
  const parts = left.split(",");
  if (more.length > 0) refuse("einsum", `subscripts must have at most one "->", got "${text}"`);
  if (parts.length !== nodes.length) {
    const named = `${parts.length} operand${parts.length === 1 ? "" : "s"}`;
    refuse("einsum", `subscripts "${text}" name ${named}, got ${nodes.length}`);
  }
  const inputs = parts.map((part, i) => labelsOf(part, nodes[i].shape.length, text));
  if (right !== undefined) {
    const dots = Math.max(0, ...inputs.map((labels) => labels.filter((l) => l.startsWith(".")).length));
    const output = labelsOf(
      right,
      right.includes("...") ? right.replace("...", "").length + dots : right.length,
      text,
    );
    if (new Set(output).size !== output.length)
      refuse("einsum", `subscripts "${text}" repeat a letter in the output`);
    return { inputs, output };
  }
  const all = inputs.flat();
  const once = [...new Set(all)].filter((l) => l.startsWith(".") || all.indexOf(l) === all.lastIndexOf(l));
  const dots = once
    .filter((l) => l.startsWith("."))
    .sort()
    .reverse();
  return { inputs, output: [...dots, ...once.filter((l) => !l.startsWith(".")).sort()] };
}

function labelsOf(part: string, ndim: number, text: string): string[] {
  const [before, after, ...more] = part.split("...");
  if (more.length > 0 || /[^a-zA-Z]/.test(before + (after ?? ""))) {
    refuse(
      "einsum",
      `subscripts must be letters and at most one "..." for each operand, got "${part}" in "${text}"`,
    );
  }
  const letters = before.length + (after ?? "").length;
  const dots = ndim - letters;
  if (dots < 0 || (after === undefined && dots > 0)) {
    refuse("einsum", `subscripts "${part}" in "${text}" name ${letters} axes, the operand has ${ndim}`);
  }
  const ellipsis = Array.from({ length: dots }, (_, i) => `.${dots - 1 - i}`);
  return [...before.split(""), ...ellipsis, ...(after ?? "").split("")];
}

/** Takes the diagonal of repeated letters and notes each letter's length. */
function diagonal(term: Term, sizes: Map<string, number>, text: string): Term {
  let { node } = term;
  let labels = [...term.labels];
  labels.forEach((label, d) => {
    const n = node.shape[d];
    const known = sizes.get(label);
    if (known === undefined || known === 1) sizes.set(label, n);
    else if (n !== known && n !== 1)
      refuse("einsum", `letter "${label}" of subscripts "${text}" has lengths ${known} and ${n}`);
  });
  for (;;) {
    const second = labels.findIndex((l, d) => labels.indexOf(l) !== d);
    if (second < 0) return { node, labels };
    const first = labels.indexOf(labels[second]);
    node = takeDiagonal(node, first, second);
    labels = [...labels.filter((_, d) => d !== first && d !== second), labels[second]];
  }
}

/** The diagonal of two axes of one length, as the last axis: every (n+1)-th element of the two as one. */
function takeDiagonal(x: Node, first: number, second: number): Node {
  const n = x.shape[first];
  const others = x.shape.map((_, d) => d).filter((d) => d !== first && d !== second);
  const lead = others.map((d) => x.shape[d]);
  const flat = reshape(permute(x, [...others, first, second]), [...lead, n * n]);
  if (n <= 1) return reshape(flat, [...lead, n]);
  const padded = wrap(flat).pad([...lead.map(() => [0, 0]), [0, n]]).node;
  const rows = reshape(padded, [...lead, n, n + 1]);
  return wrap(rows)
    .slice([...lead.map(() => 0), 0, 0], [...lead, n, 1])
    .reshape([...lead, n]).node;
}

/** Multiplies two terms, summing the letters that nothing later needs. */
function contractPair(
  a: Term,
  b: Term,
  needed: ReadonlySet<string>,
  sizes: ReadonlyMap<string, number>,
): Term {
  const x = sumOut(a, (l) => needed.has(l) || b.labels.includes(l));
  const y = sumOut(b, (l) => needed.has(l) || a.labels.includes(l));
  const shared = x.labels.filter((l) => y.labels.includes(l));
  const batch = shared.filter((l) => needed.has(l));
  const summed = shared.filter((l) => !needed.has(l));
  const rows = x.labels.filter((l) => !shared.includes(l));
  const columns = y.labels.filter((l) => !shared.includes(l));
  const length = (labels: readonly string[]): number => sizeOf(labels.map((l) => sizes.get(l)!));
  const lengths = (labels: readonly string[]): number[] => labels.map((l) => sizes.get(l)!);
  const [m, k, n] = [length(rows), length(summed), length(columns)];
  const lead = lengths(batch);
  const left = reshape(arrange(x, [...batch, ...rows, ...summed], sizes), [...lead, m, k]);
  const right = reshape(arrange(y, [...batch, ...summed, ...columns], sizes), [...lead, k, n]);
  const labels = [...batch, ...rows, ...columns];
  return {
    node: reshape(matmulNodes(left, right), [...lead, ...lengths(rows), ...lengths(columns)]),
    labels,
  };
}

function sumOut(term: Term, keep: (label: string) => boolean): Term {
  const axes = term.labels.flatMap((l, d) => (keep(l) ? [] : [d]));
  return { node: sumNodes(term.node, axes), labels: term.labels.filter(keep) };
}

/** The term with exactly `labels`, in their order: others are summed out, axes of length 1 repeated. */
function arrange(term: Term, labels: readonly string[], sizes: ReadonlyMap<string, number>): Node {
  const { node, labels: have } = sumOut(term, (l) => labels.includes(l));
  const permuted = permute(
    node,
    labels.map((l) => have.indexOf(l)),
  );
  return broadcastTo(
    permuted,
    labels.map((l) => sizes.get(l)!),
  );
}
