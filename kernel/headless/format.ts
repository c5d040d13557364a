/** What a file must hold to be a notebook of nbformat 4, as far as it is read here. */
import { describe, refuse } from "../../lib/util/errors";
import { isPlainObject } from "../../lib/util/trees";

type Test = (x: unknown) => boolean;

const isString: Test = (x) => typeof x === "string";
const isObject: Test = (x) => isPlainObject(x);
const isCount: Test = (x) => Number.isSafeInteger(x) && (x as number) >= 0;
const isLines: Test = (x) => isString(x) || isListOf(isString)(x);
const isCellType: Test = (x) => ["code", "markdown", "raw"].includes(x as string);

function isListOf(isItem: Test): Test {
  return (x) => Array.isArray(x) && x.every(isItem);
}

function or(value: unknown, test: Test): Test {
  return (x) => x === value || test(x);
}

/** Whether an object has these fields. */
function has(fields: Readonly<Record<string, Test>>): Test {
  return (x) => isPlainObject(x) && faultIn(x, fields) === undefined;
}

/** The name of the first field that is not what it should be. */
function faultIn(x: Record<string, unknown>, fields: Readonly<Record<string, Test>>): string | undefined {
  return Object.keys(fields).find((name) => !fields[name](Object.hasOwn(x, name) ? x[name] : undefined));
}

/** Text and pictures are lines; what else there is may be any JSON. */
const isBundle: Test = (x) =>
  isPlainObject(x) &&
  Object.entries(x).every(([type, data]) => !/^(text|image)\//.test(type) || isLines(data));

const shown = has({ data: isBundle, metadata: or(undefined, isObject) });
const outputs: Readonly<Record<string, Test>> = {
  stream: has({ name: isString, text: isLines }),
  display_data: shown,
  execute_result: shown,
  error: has({ ename: isString, evalue: isString, traceback: isListOf(isString) }),
};

const isOutput: Test = (x) => {
  const type = isPlainObject(x) ? x["output_type"] : undefined;
  return typeof type === "string" && Object.hasOwn(outputs, type) && outputs[type](x);
};

const cellFields = {
  cell_type: isCellType,
  id: or(undefined, isString),
  source: isLines,
  metadata: has({ tags: or(undefined, isListOf(isString)) }),
  execution_count: or(undefined, or(null, isCount)),
  outputs: or(undefined, isListOf(isOutput)),
};

const notebookFields = {
  nbformat_minor: isCount,
  metadata: isObject,
  cells: Array.isArray,
};

/** Refuses what is no notebook of nbformat 4, naming its file, the cell and the field. */
export function checkNotebook(path: string, notebook: unknown): void {
  if (!isPlainObject(notebook) || notebook["nbformat"] !== 4) {
    return refuse(path, `no notebook of nbformat 4, got ${describe(notebook)}`);
  }
  refuseFault(path, "the notebook", notebook, notebookFields);
  for (const [index, cell] of (notebook["cells"] as unknown[]).entries()) {
    if (!isPlainObject(cell)) return refuse(path, `cell ${index + 1} is ${describe(cell)}`);
    refuseFault(path, `cell ${index + 1}`, cell, cellFields);
  }
}

function refuseFault(
  path: string,
  what: string,
  x: Record<string, unknown>,
  fields: Readonly<Record<string, Test>>,
): void {
  const name = faultIn(x, fields);
  if (name === undefined) return;
  const got = Object.hasOwn(x, name) ? `, got ${describe(x[name])}` : "";
  refuse(path, `${what} has no ${name} as nbformat 4 has it${got}`);
}
