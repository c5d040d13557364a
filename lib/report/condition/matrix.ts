import { later, matrixAt, rowOf, singular, type Singular } from "../../ops/decompose";
import type { Tensor } from "../../tensor/tensor";
import { refuse } from "../../util/errors";
import { formatShape } from "../../util/shapes";
import { Figure, panels, Report } from "../../viz";
import { withLogAxes } from "../../viz/line";
import { palette, planeLayout } from "../../viz/theme";
import { sixDigits } from "../../viz/values";

export interface MatrixNumbers {
  readonly n: number;
  /** Descending. */
  readonly singularValues: readonly number[];
  /** σmax / σmin. */
  readonly kappa: number;
  readonly rank: number;
  /** σmax / σᵢ: the relative error of x for a relative error of b along the i-th left singular vector, at worst. */
  readonly amplification: readonly number[];
}

/** How errors of b are amplified in the solution of Ax = b, along each singular direction of a square matrix. */
export async function conditionOfMatrix(a: Tensor): Promise<Report<MatrixNumbers>> {
  const [n, columns] = a.shape;
  if (a.ndim !== 2 || n !== columns || n === 0)
    refuse("report.condition", `A must be a square matrix, got shape ${formatShape(a.shape)}`);
  const found = await later(singular(matrixAt("report.condition", await a.data(), 0, n, n)));
  const values = Array.from(found.values);
  const tolerance = n * values[0] * (a.dtype === "float64" ? 2 ** -52 : 2 ** -23);
  const rank = values.filter((s) => s > tolerance).length;
  const amplification = values.map((s) => (s > tolerance ? values[0] / s : Infinity));
  const numbers = { n, singularValues: values, kappa: amplification[n - 1], rank, amplification };
  const isPlane = n === 2 && rank === 2;
  return new Report({
    title: "The condition of a matrix",
    numbers,
    tables: [
      {
        rows: [
          ["n", n],
          ["rank", rank],
          ["σmax", values[0]],
          ["σmin", values[n - 1]],
          ["κ = σmax / σmin", numbers.kappa],
          ["digits lost in solving", Math.log10(numbers.kappa)],
        ],
      },
      {
        title: "An error of b along each left singular vector",
        columns: ["direction", "σ", "|δx| / |δb|", "relative error of x per relative error of b"],
        rows: values
          .slice(0, mostRows)
          .map((s, i) => [i + 1, s, s > tolerance ? 1 / s : Infinity, amplification[i]]),
      },
    ],
    figures: [amplificationFigure(amplification), ...(isPlane ? [ellipseFigure(found)] : [])],
    notes: [
      `b lies along the first left singular vector, where errors count most: an error of b is then amplified up to κ = ${sixDigits(numbers.kappa)} times in x.`,
    ],
  });
}

const mostRows = 20;

function amplificationFigure(amplification: readonly number[]): Figure {
  const shown = amplification.flatMap((a, i) => (Number.isFinite(a) ? [{ direction: i + 1, a }] : []));
  const data = [
    {
      type: "bar",
      name: "σmax / σ",
      x: shown.map(({ direction }) => direction),
      y: shown.map(({ a }) => Number(a.toPrecision(6))),
      marker: { color: palette.blue },
    },
  ];
  const title = "How a relative error of b grows in x = A⁻¹b";
  const layout = planeLayout({ title }, { x: "singular direction", y: "σmax / σ" });
  const xaxis = { ...(layout.xaxis as object), ...(shown.length <= 20 && { dtick: 1 }) };
  const isWide = shown.length > 0 && shown[shown.length - 1].a > 1e3;
  const summary = `${title}\n${shown.map(({ a }) => sixDigits(a)).join(", ")}`;
  return new Figure(data, withLogAxes({ ...layout, xaxis }, { logY: isWide }), summary);
}

/** Errors of b of one size in all directions, and what they become in x. */
function ellipseFigure({ values: given, left, right }: Singular): Figure {
  const values = Array.from(given);
  const error = 0.2;
  const b = Array.from(rowOf(left, 0), (u) => u * values[0]);
  const x = Array.from(rowOf(right, 0));
  const size = error * values[0];
  const angles = Array.from({ length: 121 }, (_, i) => (2 * Math.PI * i) / 120);
  const circle = angles.map((t) => [size * Math.cos(t), size * Math.sin(t)]);
  const along = (i: number, d: readonly number[]): number =>
    rowOf(left, i)[0] * d[0] + rowOf(left, i)[1] * d[1];
  const solve = (d: readonly number[]): number[] =>
    values.map((_, row) => values.reduce((sum, s, i) => sum + (rowOf(right, i)[row] * along(i, d)) / s, 0));
  return panels(
    [
      vectorFigure("b and errors of 20% about it", b, circle),
      vectorFigure("x = A⁻¹b and what they become", x, circle.map(solve)),
    ],
    { title: "An error of b, and of x" },
  );
}

function vectorFigure(
  title: string,
  vector: readonly number[],
  ring: readonly (readonly number[])[],
): Figure {
  const around = ring.map(([dx, dy]) => [vector[0] + dx, vector[1] + dy]);
  const data = [
    {
      type: "scatter",
      mode: "lines",
      name: "with the error",
      x: around.map(([x]) => x),
      y: around.map(([, y]) => y),
      fill: "toself",
      line: { color: palette.vermillion, width: 2.5 },
    },
    {
      type: "scatter",
      mode: "lines+markers",
      name: "exact",
      x: [0, vector[0]],
      y: [0, vector[1]],
      line: { color: palette.blue, width: 4 },
      marker: { size: [0, 12] },
    },
  ];
  const layout = { title: { text: title }, xaxis: {}, yaxis: { scaleanchor: "x", constrain: "domain" } };
  return new Figure(data, layout, title);
}
