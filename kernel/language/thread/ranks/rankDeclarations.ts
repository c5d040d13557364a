import { declaredIn, selectDeclarations } from "./selectDeclarations";

/** What a cell on ranks has without declaring it. */
const given = `
/** Which of the ranks this is, from 0. */
declare const rank: number;
/** How many ranks there are. */
declare const worldSize: number;
/** The device that this rank computes on. */
declare const device: import("saddle").Device;
/** What the ranks talk through. */
declare const comm: import("saddle").parallel.Comm;
`;

type Shadow = (outer: string, inner: string) => string;

/** The declarations of the ranks' own, persistent namespace, which lies before the notebook's. */
export class RankDeclarations {
  private readonly shadow: Shadow;
  private own = given;
  private readonly types = new Set<string>();
  private merged: { readonly notebook: string; readonly own: string; readonly both: string } | undefined;

  constructor(shadow: Shadow) {
    this.shadow = shadow;
  }

  get names(): ReadonlySet<string> {
    return declaredIn(this.own);
  }

  /** What a cell on ranks knows. */
  over(notebook: string): string {
    const { own } = this;
    if (this.merged?.notebook !== notebook || this.merged.own !== own) {
      this.merged = { notebook, own, both: this.shadow(notebook, own) };
    }
    return this.merged.both;
  }

  /** Takes over from `declarations`, those after a cell, what it has declared: `variables` and `types`. */
  add(declarations: string, variables: readonly string[], types: readonly string[]): void {
    for (const name of types) this.types.add(name);
    this.own = selectDeclarations(declarations, new Set([...this.names, ...variables, ...types]));
  }

  /** What the notebook must know of variables that it gets: their declarations, and the types there. */
  pulled(variables: readonly string[]): string {
    return variables.length === 0 ? "" : selectDeclarations(this.own, new Set([...variables, ...this.types]));
  }

  clear(): void {
    this.own = given;
    this.types.clear();
  }
}
