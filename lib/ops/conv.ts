/** Convolution over images and its two transposes: the three derivatives of one trilinear form (see trilinear.ts). */
import { apply, type Node, type Op } from "../graph/node";
import { cpuArray } from "../graph/array";
import { refuse } from "../util/errors";
import { formatShape, type Shape } from "../util/shapes";
import { requireFloat } from "./define";
import { contraction } from "./patches";
import {
  accumulate,
  convolutionOf,
  extentsOf,
  namesOf,
  operandsOf,
  shapeOfRole,
  type Convolution,
  type Role,
} from "./trilinear";
import { moveAxis, reshape } from "./view";

function convolution(result: Role): Op {
  const [a, b] = operandsOf[result];
  const op: Op = {
    name: namesOf[result],
    shape: (inputs, attrs) => {
      const conv = convolutionOf(attrs);
      checkOperands(result, inputs, conv);
      const extents = extentsOf(
        result,
        inputs.map((x) => x.shape),
        conv,
      );
      return { shape: shapeOfRole(result, extents), dtype: inputs[0].dtype };
    },
    lowering: {
      kind: "expand",
      build: (inputs, node) => contraction(result, inputs, convolutionOf(node.attrs)),
    },
    cpu: (inputs, attrs, out) => {
      const array = cpuArray(out);
      accumulate(result, inputs, convolutionOf(attrs), array.data);
      return array;
    },
    jvp: ([ta, tb], node) => {
      const [x, y] = node.inputs;
      return [
        ...(ta ? [apply(op, [ta, y], node.attrs)] : []),
        ...(tb ? [apply(op, [x, tb], node.attrs)] : []),
      ];
    },
    transpose: (ct, node, input) => {
      const wanted = input === 0 ? a : b;
      const given = new Map<Role, Node>([
        [result, ct],
        [input === 0 ? b : a, node.inputs[1 - input]],
      ]);
      const operands = operandsOf[wanted].map((role) => given.get(role)!);
      return convolve(wanted, operands, {
        ...convolutionOf(node.attrs),
        size: node.inputs[input].shape.slice(2),
      });
    },
    batch: (inputs, batched, node) => batchConvolution(result, inputs, batched, convolutionOf(node.attrs)),
  };
  return op;
}

function checkOperands(result: Role, [x, y]: readonly Node[], conv: Convolution): void {
  const name = namesOf[result];
  requireFloat(name, x);
  if (x.dtype !== y.dtype) refuse(name, `dtypes ${x.dtype} and ${y.dtype} differ`);
  if (x.shape.length !== 4 || y.shape.length !== 4) {
    refuse(
      name,
      `needs two tensors of 4 axes, got shapes ${formatShape(x.shape)} and ${formatShape(y.shape)}`,
    );
  }
  const extents = extentsOf(result, [x.shape, y.shape], conv);
  [x, y].forEach((node, i) => {
    const wanted = shapeOfRole(operandsOf[result][i], extents);
    if (formatShape(wanted) !== formatShape(node.shape)) {
      refuse(
        name,
        `shapes ${formatShape(x.shape)} and ${formatShape(y.shape)} do not fit in ${conv.groups} groups`,
      );
    }
  });
}

export const conv2dOp = convolution("output");
const imageOp = convolution("image");
const kernelOp = convolution("kernel");
const opOf: Readonly<Record<Role, Op>> = { output: conv2dOp, image: imageOp, kernel: kernelOp };

function convolve(result: Role, operands: readonly Node[], conv: Convolution): Node {
  const { stride, dilation, padding, groups, size } = conv;
  return apply(opOf[result], operands, { stride, dilation, padding, groups, size });
}

/** Images [n, c, h, w] with kernels [o, c / groups, kh, kw] → [n, o, …size]. */
export function conv2d(images: Node, kernels: Node, conv: Convolution): Node {
  return convolve("output", [images, kernels], conv);
}

/**
 * One batched operand: its batch joins the axis that it shares with the result, of which each form's pair of arguments
 * has exactly one (samples, or channels of either side). Two: the batches are groups of their own.
 */
function batchConvolution(
  result: Role,
  inputs: readonly Node[],
  batched: readonly boolean[],
  conv: Convolution,
): Node {
  const roles = operandsOf[result];
  const size = inputs[batched.indexOf(true)].shape[0];
  if (batched[0] && batched[1]) {
    const operands = inputs.map((x, i) => foldInto("groups", x, roles[i], conv.groups));
    const joined = convolve(result, operands, { ...conv, groups: conv.groups * size });
    return unfold("groups", joined, result, conv.groups, size);
  }
  const mapped = batched[0] ? 0 : 1;
  const axis = sharedAxis(result, roles[mapped]);
  const operands = inputs.map((x, i) => (i === mapped ? foldInto(axis, x, roles[i], conv.groups) : x));
  return unfold(axis, convolve(result, operands, conv), result, conv.groups, size);
}

type FoldAxis = "samples" | "imageChannels" | "outputChannels" | "groups";

function sharedAxis(a: Role, b: Role): FoldAxis {
  if (a !== "kernel" && b !== "kernel") return "samples";
  return a !== "output" && b !== "output" ? "imageChannels" : "outputChannels";
}

/** Where `axis` lies in an argument with groups apart from channels, [n, g, c, h, w] or [g, o, c, h, w]. */
function positionOf(axis: FoldAxis, role: Role): number {
  if (axis === "groups") return role === "kernel" ? 0 : 1;
  if (axis === "samples") return 0;
  if (role === "kernel") return axis === "outputChannels" ? 1 : 2;
  return 2;
}

function withGroups(shape: Shape, role: Role, groups: number): number[] {
  const [first, second, ...rest] = shape;
  return role === "kernel"
    ? [groups, first / groups, second, ...rest]
    : [first, groups, second / groups, ...rest];
}

function withoutGroups(shape: Shape, role: Role): number[] {
  const [a, b, c, ...rest] = shape;
  return role === "kernel" ? [a * b, c, ...rest] : [a, b * c, ...rest];
}

/** The leading batch of `x` made part of one of its axes, outside of it. */
function foldInto(axis: FoldAxis, x: Node, role: Role, groups: number): Node {
  const [size, ...one] = x.shape;
  const shape = withGroups(one, role, groups);
  const at = positionOf(axis, role);
  const moved = moveAxis(reshape(x, [size, ...shape]), 0, at);
  const joined = shape.map((n, d) => (d === at ? n * size : n));
  return reshape(moved, withoutGroups(joined, role));
}

/** Undoes `foldInto`. */
function unfold(axis: FoldAxis, x: Node, role: Role, groups: number, size: number): Node {
  const shape = withGroups(x.shape, role, axis === "groups" ? groups * size : groups);
  const at = positionOf(axis, role);
  const apart = [...shape.slice(0, at), size, shape[at] / size, ...shape.slice(at + 1)];
  const moved = moveAxis(reshape(x, apart), at, 0);
  return reshape(moved, [size, ...withoutGroups(moved.shape.slice(1), role)]);
}

export const convOps = [conv2dOp, imageOp, kernelOp];
