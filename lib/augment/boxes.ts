/** Boxes […, M, 4] of [left, top, right, bottom], moved with their images. */
import { stack, type Tensor } from "../tensor";
import { checkBoxes } from "./transform";

export type Edges = Readonly<Record<"left" | "top" | "right" | "bottom", Tensor>>;

export function edgesOf(where: string, boxes: Tensor): Edges {
  checkBoxes(where, boxes);
  const [left, top, right, bottom] = [0, 1, 2, 3].map((i) => boxes.take(i, -1));
  return { left, top, right, bottom };
}

export function mapEdges({ left, top, right, bottom }: Edges, change: (edge: Tensor) => Tensor): Edges {
  return { left: change(left), top: change(top), right: change(right), bottom: change(bottom) };
}

/** The boxes of these edges, cut at a frame of `height` × `width`. */
export function boxesWithin([height, width]: readonly [number, number], edges: Edges): Tensor {
  const { left, top, right, bottom } = edges;
  return stack([left.clip(0, width), top.clip(0, height), right.clip(0, width), bottom.clip(0, height)], -1);
}

/** A parameter of each image, for all of its boxes. */
export function ofBoxes(parameter: Tensor): Tensor {
  return parameter.expandDims(-1);
}

/** The smallest upright box around the four corners of each box, after `move`. */
export function aroundMoved(edges: Edges, move: (x: Tensor, y: Tensor) => [Tensor, Tensor]): Edges {
  const { left, top, right, bottom } = edges;
  const corners = [move(left, top), move(right, top), move(left, bottom), move(right, bottom)];
  const [xs, ys] = [corners.map(([x]) => x), corners.map(([, y]) => y)];
  return {
    left: xs.reduce((a, b) => a.minimum(b)),
    top: ys.reduce((a, b) => a.minimum(b)),
    right: xs.reduce((a, b) => a.maximum(b)),
    bottom: ys.reduce((a, b) => a.maximum(b)),
  };
}
