import type { CompiledCell, PortableStatement } from "../../../contract/messages";
import { PortableCell, declaredBy } from "./portableCell";
import type { EmittedModule } from "../tslab/typescript";

/** Where the notebook's variables are declared, for the ranks that need the declarations. */
export class PortableCells {
  private readonly homes = new Map<string, PortableCell>();
  private count = 0;

  remember(compiled: CompiledCell, module: EmittedModule): void {
    const cell = new PortableCell(compiled, ++this.count, module);
    for (const variable of declaredBy(module)) this.homes.set(variable, cell);
  }

  /** What declares `names`, and what that uses in turn, in the order in which it was run. */
  closure(names: readonly string[]): PortableStatement[] {
    const found = new Map<string, PortableStatement>();
    const waiting = [...names];
    for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
      const statement = this.homes.get(name)?.statementOf(name);
      if (statement === undefined || found.has(statement.id)) continue;
      found.set(statement.id, statement);
      waiting.push(...statement.uses);
    }
    return [...found.values()].sort((a, b) => a.order[0] - b.order[0] || a.order[1] - b.order[1]);
  }

  /** These variables have values that no declaration of the notebook makes. */
  forget(names: readonly string[]): void {
    for (const name of names) this.homes.delete(name);
  }

  clear(): void {
    this.homes.clear();
  }
}
