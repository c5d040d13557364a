import { checkWhole } from "../../util/checks";
import { checkOptions } from "../../util/errors";

export interface ModelOptions {
  /** How many logits the network gives. */
  readonly classes?: number;
}

export function classesOf(where: string, options: ModelOptions, otherwise: number): number {
  checkOptions(where, options, ["classes"]);
  const { classes = otherwise } = options;
  return checkWhole(where, "classes", classes, 1);
}
