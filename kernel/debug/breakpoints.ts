import type { Session } from "../contract/messages";
import type { Script, Sources } from "./sources";

interface Breakpoint {
  /** The line of the cell, from 0. */
  readonly line: number;
  readonly condition?: string;
}

/** The breakpoints of all cells, whether they have run or not. */
export class Breakpoints {
  private readonly session: Pick<Session, "inspect">;
  private readonly sources: Sources;
  private readonly byPath = new Map<string, readonly Breakpoint[]>();
  private readonly ids = new Map<string, string[]>();

  constructor(session: Pick<Session, "inspect">, sources: Sources) {
    this.session = session;
    this.sources = sources;
  }

  all(): [path: string, breakpoints: readonly Breakpoint[]][] {
    return [...this.byPath];
  }

  /** Replaces those of a path. */
  async set(path: string, breakpoints: readonly Breakpoint[]): Promise<void> {
    const old = this.ids.get(path) ?? [];
    this.ids.delete(path);
    this.byPath.set(path, breakpoints);
    await Promise.all(
      old.map((breakpointId) => this.session.inspect("Debugger.removeBreakpoint", { breakpointId })),
    );
    for (const script of this.sources.at(path)) await this.setIn(script);
  }

  /** Sets in a script those of its path. */
  async setIn({ name, path, map }: Script): Promise<void> {
    for (const { line, condition } of this.byPath.get(path) ?? []) {
      const place = map.toJavaScript(line);
      if (place === undefined) continue;
      const { breakpointId } = await this.session.inspect<{ breakpointId: string }>(
        "Debugger.setBreakpointByUrl",
        { url: name, lineNumber: place.line, columnNumber: place.column, condition },
      );
      this.ids.set(path, [...(this.ids.get(path) ?? []), breakpointId]);
    }
  }

  /** The inspector that knew them is gone. */
  forgetIds(): void {
    this.ids.clear();
  }
}
