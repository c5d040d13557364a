import type { CompiledCell } from "../../../contract/messages";

/** What the compiler calls the value of a last expression. */
const compilerName = /^tsLastExpr\d*$/;

type Assign = (value: unknown) => void;
export type Assigners = Readonly<Record<string, Assign>>;

/**
 * The variables of the notebook: the `exports` of all its cells. A variable that is assigned in another
 * cell than its own is assigned there too, for the functions of that cell see no other.
 */
export class Namespace {
  readonly exports: Record<string, unknown>;
  readonly values: Record<string, unknown> = Object.create(null) as Record<string, unknown>;
  private readonly assigners = new Map<string, Assign>();

  constructor() {
    this.exports = new Proxy(this.values, {
      set: (values, name, value) => {
        if (typeof name === "string") this.assigners.get(name)?.(value);
        return Reflect.set(values, name, value);
      },
      // Imports are defined as getters, and cells may declare the same name again.
      defineProperty: (values, name, descriptor) =>
        name === "__esModule" ||
        Reflect.set(values, name, descriptor.get ? descriptor.get() : descriptor.value),
    });
  }

  /** Called by a cell before its body runs, with a way to assign each variable of its that can be. */
  readonly link = (assigners: Assigners): void => {
    for (const [name, assign] of Object.entries(assigners)) this.assigners.set(name, assign);
  };

  take(name: string): unknown {
    const value = this.values[name];
    Reflect.deleteProperty(this.values, name);
    return value;
  }

  names(): string[] {
    return Object.keys(this.values).filter((name) => !compilerName.test(name));
  }

  clear(): void {
    this.assigners.clear();
    for (const name of Object.keys(this.values)) Reflect.deleteProperty(this.values, name);
  }
}

/** The cell as a function of `exports`, `require` and `Namespace.link`; what comes before its own text. */
export function cellPrologue({ assignable }: CompiledCell): string {
  // Until its declaration has run, a variable cannot be assigned, nor need it be.
  const assigners = assignable.map((name) => `${name}: (value) => { try { ${name} = value; } catch {} }`);
  return `(async function (exports, require, __saddleLink) { __saddleLink({ ${assigners.join(", ")} }); `;
}
