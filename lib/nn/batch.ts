import { Tensor } from "../tensor";
import { isFloat } from "../util/dtypes";
import { describe, refuse } from "../util/errors";
import { crossEntropy } from "./functional";
import { accuracy } from "./metrics";

/** What a network is given, and what it should answer. */
export interface Example {
  readonly inputs: Tensor;
  readonly targets: Tensor;
}

/** The mean loss of a batch's outputs. */
export type Loss = (outputs: Tensor, targets: Tensor) => Tensor;

/** Something else to be known of a batch, a scalar that is averaged over samples. */
export type Metrics = Readonly<Record<string, Loss>>;

const inputNames = ["images", "features", "inputs", "x"];
const targetNames = ["labels", "targets", "y"];

/**
 * The inputs and targets of a batch: the two entries of an array, or what stands under `images`, `features`, `inputs` or
 * `x`, and under `labels`, `targets` or `y`.
 */
export function exampleOf(where: string, batch: unknown): Example {
  const find = (names: readonly string[], index: number): unknown =>
    Array.isArray(batch)
      ? (batch as unknown[])[index]
      : names
          .map((name) => (batch as Record<string, unknown> | undefined)?.[name])
          .find((v) => v !== undefined);
  const [inputs, targets] = [find(inputNames, 0), find(targetNames, 1)];
  if (inputs instanceof Tensor && targets instanceof Tensor) return { inputs, targets };
  return refuse(
    where,
    `a batch must be [inputs, targets] or hold tensors under one of ${inputNames.join(", ")} and one of ${targetNames.join(", ")}, got ${describe(batch)}`,
  );
}

/** Cross-entropy for class numbers; other targets need a loss that is named. */
export function lossFor(where: string, targets: Tensor, given: Loss | undefined): Loss {
  if (given !== undefined) return given;
  if (isClassNumber(targets)) return (outputs, labels) => crossEntropy(outputs, labels);
  return refuse(
    where,
    `targets of dtype ${targets.dtype} need a loss, such as nn.loss.mse: give it as \`loss\``,
  );
}

/** Accuracy for class numbers, unless metrics are named. */
export function metricsFor(targets: Tensor, given: Metrics | undefined): Metrics {
  if (given !== undefined) return given;
  return isClassNumber(targets) ? { accuracy: (outputs, labels) => accuracy(outputs, labels) } : {};
}

function isClassNumber(targets: Tensor): boolean {
  return !isFloat(targets.dtype) && targets.dtype !== "bool";
}
