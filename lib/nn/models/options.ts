import { checkOptions, describe, refuse } from "../../util/errors";

export interface ModelOptions {
  /** How many logits the network gives. */
  readonly classes?: number;
}

export function classesOf(where: string, options: ModelOptions, otherwise: number): number {
  checkOptions(where, options, ["classes"]);
  const { classes = otherwise } = options;
  if (Number.isInteger(classes) && classes > 0) return classes;
  return refuse(where, `classes must be a positive integer, got ${describe(classes)}`);
}
