import { existsSync } from "node:fs";
import { refuse, describe } from "../util/errors";
import { parseJson } from "../util/json";
import { isPlainObject } from "../util/trees";
import type { History, Sums } from "./history";
import { loadFile, save } from "./store";
import type { TrainingState } from "./steps";
import type { Variables } from "./module";

/** The variables that did best, by the loss of an epoch: on the validation data if there is any. */
export interface Best<P = object, S = object> {
  readonly variables: Variables<P, S>;
  readonly loss: number;
  /** Counted from 1; 0 before the first epoch is done. */
  readonly epoch: number;
}

/** All that a training needs to go on as if it had never stopped. */
export interface Progress<P = object, S = object> {
  readonly state: TrainingState<P, S>;
  readonly best: Best<P, S>;
  readonly history: History;
  /** Of the epoch that is not done. */
  readonly sums: Sums;
  /** Where the loader stands, if it can tell. */
  readonly position: unknown;
}

const key = "saddle.fit";

type Plain = Pick<Progress, "history" | "sums" | "position"> & {
  readonly bestLoss: number | null;
  readonly bestEpoch: number;
};

/** Writes a checkpoint: tensors under `variables`, `optimizer`, `step` and `best`, numbers in the metadata. */
export async function writeCheckpoint(path: string, progress: Progress): Promise<void> {
  const { state, best, history, sums, position } = progress;
  const plain: Plain = { history, sums, position, bestLoss: finiteOrNull(best.loss), bestEpoch: best.epoch };
  await save(path, { ...state, best: best.variables }, { [key]: JSON.stringify(plain) });
}

/** The progress in a checkpoint whose tensors are like those of `fresh`; undefined where there is no file. */
export async function readCheckpoint<P, S>(
  path: string,
  fresh: Progress<P, S>,
): Promise<Progress<P, S> | undefined> {
  if (!existsSync(path)) return undefined;
  const like = { ...fresh.state, best: fresh.best.variables };
  const { tree, metadata } = await loadFile("fit", path, like);
  if (metadata[key] === undefined)
    refuse("fit", `${path} is no checkpoint of a training, got ${describe(metadata)}`);
  const { history, sums, position, bestLoss, bestEpoch } = parsePlain(path, metadata[key]);
  const { best, ...state } = tree;
  return {
    state,
    best: { variables: best, loss: bestLoss ?? Infinity, epoch: bestEpoch },
    history,
    sums,
    position,
  };
}

/** The numbers of the checkpoint `path`. Refuses what `writeCheckpoint` does not write. */
function parsePlain(path: string, text: string): Plain {
  let plain: unknown;
  try {
    plain = parseJson(text);
  } catch (error) {
    refuse("fit", `${path} is a broken checkpoint (${(error as Error).message})`);
  }
  if (!isPlainObject(plain)) refuse("fit", `${path} is a broken checkpoint, it holds ${describe(plain)}`);
  for (const [name, isRight] of Object.entries(parts)) {
    if (!isRight(plain[name])) {
      refuse("fit", `${path} is a broken checkpoint: its ${name} is ${describe(plain[name])}`);
    }
  }
  return plain as unknown as Plain;
}

/** JSON has null for what is no number, or none that is finite. */
const isMeasure = (x: unknown): boolean => x === null || typeof x === "number";
const isCount = (x: unknown): boolean => Number.isSafeInteger(x) && (x as number) >= 0;
const isMeans = (x: unknown): boolean =>
  isPlainObject(x) &&
  isMeasure(x["loss"]) &&
  isPlainObject(x["metrics"]) &&
  Object.values(x["metrics"]).every(isMeasure);
const isEpoch = (x: unknown): boolean =>
  isPlainObject(x) &&
  isMeans(x) &&
  isCount(x["epoch"]) &&
  isCount(x["step"]) &&
  isMeasure(x["seconds"]) &&
  (x["validation"] === undefined || isMeans(x["validation"]));
const isListOf = (isItem: (x: unknown) => boolean, x: unknown): boolean =>
  Array.isArray(x) && x.every(isItem);

const parts: Readonly<Record<Exclude<keyof Plain, "position">, (x: unknown) => boolean>> = {
  history: (x) =>
    isPlainObject(x) &&
    isListOf(isMeasure, x["losses"]) &&
    isListOf(isMeasure, x["gradNorms"]) &&
    isListOf(isEpoch, x["epochs"]),
  sums: (x) => isMeans(x) && isCount((x as Sums).count),
  bestLoss: isMeasure,
  bestEpoch: isCount,
};

function finiteOrNull(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}
