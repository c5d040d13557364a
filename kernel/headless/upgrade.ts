import { randomUUID } from "node:crypto";
import { describe, refuse } from "../../lib/util/errors";
import { isPlainObject } from "../../lib/util/trees";
import { writtenMinor } from "./format";

type Fields = Record<string, unknown>;

const validId = /^[a-zA-Z0-9-_]{1,64}$/;

/** The fields of each kind of output; what else an output has is no part of the format. */
const outputFields: Readonly<Record<string, readonly string[]>> = {
  stream: ["output_type", "name", "text"],
  display_data: ["output_type", "data", "metadata"],
  execute_result: ["output_type", "data", "metadata", "execution_count"],
  error: ["output_type", "ename", "evalue", "traceback"],
};

/** A notebook of any minor version of nbformat 4 as one of 4.5 or later; other versions are refused by name. */
export function upgraded(path: string, notebook: unknown): Fields {
  if (!isPlainObject(notebook) || !("nbformat" in notebook)) {
    return refuse(path, `no notebook of nbformat 4, got ${describe(notebook)}`);
  }
  const { nbformat, nbformat_minor: minor } = notebook;
  if (nbformat !== 4) return refuse(path, otherVersion(nbformat));
  const cells = notebook["cells"];
  return {
    ...notebook,
    nbformat_minor: Number.isSafeInteger(minor) ? Math.max(writtenMinor, minor as number) : minor,
    cells: Array.isArray(cells) ? upgradedCells(cells) : cells,
  };
}

function otherVersion(nbformat: unknown): string {
  const version = `a notebook of nbformat ${describe(nbformat)}, not 4`;
  if (![1, 2, 3].includes(nbformat as number)) return version;
  return `${version}; \`jupyter nbconvert --to notebook\` upgrades it`;
}

function upgradedCells(cells: readonly unknown[]): unknown[] {
  const ids = new Set<unknown>();
  return cells.map((cell) => {
    if (!isPlainObject(cell)) return cell;
    const id = isFresh(cell["id"], ids) ? cell["id"] : freshId();
    ids.add(id);
    return { ...fieldsByType(cell), id };
  });
}

function isFresh(id: unknown, ids: ReadonlySet<unknown>): boolean {
  return typeof id === "string" && validId.test(id) && !ids.has(id);
}

/** An id for a cell that has none. */
export function freshId(): string {
  return randomUUID().slice(0, 8);
}

/** What other programs write into cells that have not run, or that cannot, is made as the format has it. */
function fieldsByType(cell: Fields): Fields {
  if (cell["cell_type"] !== "code") {
    const { outputs, execution_count: count, ...rest } = cell;
    const isEmpty = (outputs === undefined || isEmptyList(outputs)) && (count ?? null) === null;
    return isEmpty ? rest : cell;
  }
  const { outputs = [], execution_count: count = null } = cell;
  return {
    ...cell,
    execution_count: count,
    outputs: Array.isArray(outputs) ? outputs.map(upgradedOutput) : outputs,
  };
}

function isEmptyList(x: unknown): boolean {
  return Array.isArray(x) && x.length === 0;
}

function upgradedOutput(output: unknown): unknown {
  const type = isPlainObject(output) ? output["output_type"] : undefined;
  if (typeof type !== "string" || !Object.hasOwn(outputFields, type)) return output;
  const defaults: Fields = { metadata: {}, execution_count: null };
  const fields = outputFields[type].map((name) => [name, (output as Fields)[name] ?? defaults[name]]);
  return Object.fromEntries(fields.filter(([, value]) => value !== undefined));
}
