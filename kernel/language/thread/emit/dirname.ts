import type * as TypeScript from "typescript";
import type { Additions } from "./emitting";

const name = "__dirname";

/** Cells have `__dirname`, as Node's modules have that are no ES modules: it is the notebook's folder. */
export function dirname(ts: typeof TypeScript, folder: string): Additions {
  return (file, checker) => {
    if (!file.text.includes(name)) return {};
    const isNodes = ({ declarations }: Partial<TypeScript.Symbol> = {}): boolean =>
      declarations?.every((one) => one.getSourceFile().fileName.includes("/@types/node/")) === true;
    const before: TypeScript.TransformerFactory<TypeScript.SourceFile> = (context) => {
      const { factory } = context;
      const visit = (node: TypeScript.Node): TypeScript.Node => {
        if (ts.isShorthandPropertyAssignment(node)) {
          if (node.name.text === name && isNodes(checker.getShorthandAssignmentValueSymbol(node))) {
            return factory.createPropertyAssignment(name, factory.createStringLiteral(folder));
          }
        } else if (
          ts.isIdentifier(node) &&
          node.text === name &&
          isNodes(checker.getSymbolAtLocation(node))
        ) {
          return factory.createStringLiteral(folder);
        }
        return ts.visitEachChild(node, visit, context);
      };
      return (given) => ts.visitNode(given, visit) as TypeScript.SourceFile;
    };
    return { before: [before] };
  };
}
