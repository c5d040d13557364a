/** What a file must hold to be a notebook: Jupyter's own schema of nbformat 4. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Ajv, type ErrorObject, type ValidateFunction } from "ajv";
import { describe, refuse } from "../../lib/util/errors";
import { parseJson } from "../../lib/util/json";
import { isPlainObject } from "../../lib/util/trees";

const schemaFile = join(__dirname, "..", "..", "assets", "nbformat", "nbformat.v4.5.schema.json");

/** The minor version that notebooks are written in, if theirs is not later. */
export const writtenMinor = 5;

interface Validators {
  /** Of the notebook without its cells. */
  readonly notebook: ValidateFunction;
  readonly cells: Readonly<Record<string, ValidateFunction>>;
}

let known: Validators | undefined;

/** Refuses what is no notebook of nbformat 4.5 or later, naming its file, the cell and the field. */
export function checkNotebook(path: string, { cells, ...rest }: Record<string, unknown>): void {
  known ??= compileSchema();
  const isLater = (rest["nbformat_minor"] as number) > writtenMinor;
  refuseFault(path, "the notebook", { ...rest, cells: [] }, known.notebook, isLater);
  if (!Array.isArray(cells)) {
    return refuse(path, `the notebook has no cells as nbformat 4 has it, got ${describe(cells)}`);
  }
  for (const [index, cell] of cells.entries()) {
    if (!isPlainObject(cell)) return refuse(path, `cell ${index + 1} is ${describe(cell)}`);
    const type = cell["cell_type"];
    if (typeof type !== "string" || !Object.hasOwn(known.cells, type))
      return refuse(
        path,
        `cell ${index + 1} has no cell_type as nbformat 4 has it${gotOf(cell, ["cell_type"])}`,
      );
    refuseFault(path, `cell ${index + 1}`, cell, known.cells[type], isLater);
  }
}

function compileSchema(): Validators {
  const schema = parseJson(readFileSync(schemaFile, "utf8")) as Record<string, unknown>;
  // Ajv knows later drafts alone, which mean the same by all that it says.
  delete schema["$schema"];
  const ajv = new Ajv({ strict: false });
  ajv.addSchema(schema, "nbformat");
  const cellOf = (type: string) => ajv.getSchema(`nbformat#/definitions/${type}_cell`)!;
  return {
    notebook: ajv.getSchema("nbformat")!,
    cells: { code: cellOf("code"), markdown: cellOf("markdown"), raw: cellOf("raw") },
  };
}

/** `isLater`: of a minor version that is not known here, which may have more fields. */
function refuseFault(
  path: string,
  what: string,
  x: Record<string, unknown>,
  validate: ValidateFunction,
  isLater: boolean,
): void {
  if (validate(x)) return;
  const [fault] = validate.errors as [ErrorObject];
  if (fault.keyword === "additionalProperties") {
    if (isLater) return;
    const { additionalProperty: field } = fault.params as { additionalProperty: string };
    refuse(path, `${what} has a field ${JSON.stringify(field)} that nbformat 4 does not have`);
  }
  const { missingProperty } = fault.params as { missingProperty?: string };
  const names = fault.instancePath.split("/").slice(1);
  const place = [...names, ...(missingProperty === undefined ? [] : [missingProperty])].map(unescaped);
  // Within outputs and attachments, what is wrong is one of many things; in metadata it has a name.
  const field = place[0] === "metadata" ? place.slice(0, 3) : place.slice(0, 1);
  refuse(path, `${what} has no ${field.join(".")} as nbformat 4 has it${gotOf(x, field)}`);
}

/** A name in a JSON pointer. */
function unescaped(name: string): string {
  return name.replaceAll("~1", "/").replaceAll("~0", "~");
}

function gotOf(x: Record<string, unknown>, [name, ...names]: readonly string[]): string {
  if (!Object.hasOwn(x, name)) return "";
  const value = x[name];
  if (names.length > 0 && isPlainObject(value)) return gotOf(value, names);
  return names.length > 0 && !Array.isArray(value) ? "" : `, got ${describe(value)}`;
}
