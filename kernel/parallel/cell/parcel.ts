import type { PortableStatement, RanksCell } from "../../contract/messages";
import { NotData, pack } from "../pack";
import type { PackedValue, Parcel } from "../../contract/rankMessages";

/**
 * What the ranks need to run a cell: of each variable that it uses the data, or else the declaration, and of what that
 * declaration uses the same. Throws an error that names a variable which can go neither way.
 */
export async function parcelFor(
  { uses, statements }: RanksCell,
  variables: Readonly<Record<string, unknown>>,
): Promise<Parcel> {
  const declarations = new Map(statements.flatMap((each) => each.names.map((name) => [name, each])));
  const values = new Map<string, PackedValue>();
  const chosen = new Set<PortableStatement>();
  const seen = new Set<string>();
  const waiting = [...uses];
  for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
    if (seen.has(name)) continue;
    seen.add(name);
    const declaration = declarations.get(name);
    const packed =
      declaration?.kind === "import" ? undefined : await packOr(name, variables[name], declaration);
    if (packed !== undefined) values.set(name, packed);
    else if (declaration !== undefined) {
      chosen.add(declaration);
      waiting.push(...declaration.uses);
    }
  }
  return { values: Object.fromEntries(values), statements: statements.filter((each) => chosen.has(each)) };
}

/** Nothing, if the value is to be made anew from its declaration. */
async function packOr(
  name: string,
  value: unknown,
  declaration: PortableStatement | undefined,
): Promise<PackedValue | undefined> {
  try {
    return await pack(value);
  } catch (error) {
    if (!(error instanceof NotData)) throw error;
    const reason = reasonAgainst(declaration);
    if (reason === undefined) return undefined;
    const what = error.path === "" ? `is ${error.message}` : `has ${error.message} at ${name}${error.path}`;
    throw new Error(
      `'${name}' cannot be sent to the ranks: it ${what}, and ${reason}. Declare it in the cell that runs on the ranks.`,
    );
  }
}

/** Why a declaration cannot be run again in another process. */
function reasonAgainst(declaration: PortableStatement | undefined): string | undefined {
  if (declaration === undefined) return "no declaration of the notebook makes it";
  if (declaration.awaits) return "its declaration waits for something, which is not done again";
  if (declaration.kind === "variable") return "it is not a const, so that it may have been assigned since";
  return undefined;
}
