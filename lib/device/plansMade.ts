/** Tells whoever measures of plans that are made: once for all graphs that differ only in their values. */
import { channel } from "node:diagnostics_channel";

export const plansMade = channel("saddle.plan");

export interface PlanMessage {
  /** The ops whose values the graph is to give. */
  readonly ops: readonly string[];
  readonly nodes: number;
  readonly steps: number;
  /** From the graph to steps that can be run; what a driver makes of them comes on top. */
  readonly seconds: number;
}
