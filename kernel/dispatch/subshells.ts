import { randomUUID } from "node:crypto";

/** The subshells of a kernel: queues of cells that do not wait for each other (Jupyter's JEP 91). */
export class Subshells {
  private readonly ids = new Set<string>();

  create(): string {
    const id = randomUUID();
    this.ids.add(id);
    return id;
  }

  list(): string[] {
    return [...this.ids];
  }

  /** Whether there is such a subshell; no id is the main shell's. */
  has(id: string | null | undefined): boolean {
    return id === undefined || id === null || this.ids.has(id);
  }

  delete(id: string): void {
    if (!this.ids.delete(id)) throw new Error(`There is no subshell ${id}`);
  }
}
