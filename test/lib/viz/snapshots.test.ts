import {
  contour,
  density,
  gallery,
  heatmap,
  histogram,
  line,
  network,
  panels,
  spectrum,
  surface,
  vectorField,
  type Figure,
} from "../../../lib/viz";
import { expectSnapshot } from "../../support/snapshot";

const bowl = (x: number, y: number): number => x * x + 5 * y * y;
const window = { x: [-1, 1], y: [-2, 2], points: 5 } as const;
const path = [
  [1, 2],
  [0.5, -0.5],
  [0, 0],
];

/** One of each, with the options that change what is drawn. */
const figures: Readonly<Record<string, () => Figure>> = {
  line: () =>
    line(
      { train: [3, 1, 0.1], test: { x: [0, 2], y: [3, 1.5] } },
      { title: "Loss", xLabel: "step", yLabel: "loss", logY: true },
    ),
  contour: () => contour(bowl, { ...window, paths: { descent: path }, marks: { start: [[1, 2]] } }),
  surface: () => surface(bowl, { ...window, title: "Bowl" }),
  heatmap: () =>
    heatmap(
      [
        [1, -2],
        [0, 4],
      ],
      { diverging: true, columns: ["a", "b"], rows: ["c", "d"] },
    ),
  histogram: () => histogram([0, 0.1, 0.2, 1, 1, 3], { bins: 3 }),
  spectrum: () => spectrum([-1, 0, 2, 400], { title: "Eigenvalues" }),
  density: () => density({ grid: [0, 1, 2], density: [0, 1, 0], standardError: [0, 0.1, 0] }, { marks: [2] }),
  gallery: () =>
    gallery(
      [
        [
          [0, 1],
          [0.5, 0.25],
        ],
      ],
      { captions: ["a digit"] },
    ),
  "vector field": () => vectorField((x, y) => [-2 * x, -10 * y], { ...window, points: 3 }),
  panels: () => panels([line([2, 1]), heatmap([[1]])], { title: "Two", columns: 1 }),
  network: () =>
    network([
      { path: "0", kind: "Conv2d", outputShape: [1, 8, 4, 4], parameters: 80 },
      { path: "1", kind: "Linear", outputShape: [1, 10], parameters: 1290 },
    ]),
};

describe("a figure", () => {
  for (const [name, draw] of Object.entries(figures)) {
    it(`is drawn as it was: ${name}`, () => {
      const figure = draw();
      const json = JSON.stringify(figure.toJSON(), (_, value: unknown) => plain(value), 1);
      expectSnapshot(`figures/${name.replaceAll(" ", "-")}.json`, `${json}\n`);
    });
  }
});

/** Typed arrays as lists, and numbers to twelve digits: the last ones are each machine's own. */
function plain(value: unknown): unknown {
  if (ArrayBuffer.isView(value)) return Array.from(value as unknown as ArrayLike<number>);
  return typeof value === "number" && Number.isFinite(value) ? Number(value.toPrecision(12)) : value;
}
