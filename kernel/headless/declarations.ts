import { ts } from "../language/thread/tslab/typescript";

/** How a cell declares a variable. */
export interface Declaration {
  readonly keyword: "const" | "let" | "var";
  /** As it is written, if it is. */
  readonly type: string | undefined;
}

/** The variables that TypeScript declares outside of all blocks, by their names. */
export function declarationsOf(code: string): ReadonlyMap<string, Declaration> {
  const file = ts.createSourceFile("parameters.ts", code, ts.ScriptTarget.Latest, true);
  const lists = file.statements.filter(ts.isVariableStatement).map((statement) => statement.declarationList);
  const found = lists.flatMap((list) =>
    list.declarations.flatMap(({ name, type }): [string, Declaration][] =>
      ts.isIdentifier(name)
        ? [[name.text, { keyword: keywordOf(list.flags), type: type?.getText(file) }]]
        : [],
    ),
  );
  return new Map(found);
}

function keywordOf(flags: number): Declaration["keyword"] {
  if (flags & ts.NodeFlags.Const) return "const";
  return flags & ts.NodeFlags.Let ? "let" : "var";
}
