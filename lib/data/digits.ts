import { tensor, type Tensor } from "../tensor";
import { refuse } from "../util/errors";
import { parseTable, readAsset, type Table } from "./table";

const side = 8;
const brightest = 16;

export interface Digits {
  /** [1797, 8, 8], from 0 (paper) to 1 (ink). */
  readonly images: Tensor;
  /** int32 [1797], the digit in each image. */
  readonly labels: Tensor;
  readonly classes: readonly string[];
}

/** The pixels, divided by 16, and the labels of a table whose rows are 64 grey values and a digit. */
export function digitsOf(
  source: string,
  { rows, columns, values }: Table,
): { pixels: Float32Array; labels: Int32Array } {
  const size = columns - 1;
  const pixels = new Float32Array(rows * size);
  const labels = new Int32Array(rows);
  for (let row = 0; row < rows; row++) {
    const [start, where] = [row * columns, `${source}, line ${row + 1}`];
    const image = values.subarray(start, start + size).map((grey) => grey / brightest);
    if (!image.every((ink) => ink >= 0 && ink <= 1)) refuse(where, `grey values go from 0 to ${brightest}`);
    pixels.set(image, row * size);
    labels[row] = checkDigit(where, values[start + size]);
  }
  return { pixels, labels };
}

/**
 * 1797 handwritten digits of 8 × 8 pixels by 13 people: the test set of "Optical Recognition of
 * Handwritten Digits" (Alpaydin and Kaynak, UCI, 1998), which scikit-learn brings as `load_digits`.
 */
export function digits(): Digits {
  const source = "digits.csv.gz";
  const table = parseTable(source, readAsset(source), side * side + 1);
  const { pixels, labels } = digitsOf(source, table);
  return {
    images: tensor(pixels, { shape: [table.rows, side, side] }),
    labels: tensor(labels, { dtype: "int32" }),
    classes: Array.from({ length: 10 }, (_, digit) => String(digit)),
  };
}

function checkDigit(where: string, label: number): number {
  return Number.isInteger(label) && label >= 0 && label <= 9 ? label : refuse(where, `${label} is no digit`);
}
