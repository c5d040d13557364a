import { writeFileSync } from "node:fs";
import type { KernelClient, Message } from "./client";

type Bundle = Readonly<Record<string, unknown>>;

interface Output {
  readonly type: string;
  readonly content: Readonly<Record<string, unknown>>;
  data: Bundle;
  readonly displayId: string | undefined;
}

interface Cell {
  readonly source: string;
  readonly outputs: Output[];
  clears: boolean;
}

/** What a front end makes of a kernel's messages, and saves: cells with their outputs, in order. */
export class SavedNotebook {
  private cells = new Map<string, Cell>();
  private deleted: string[] = [];
  /** The cells by the messages that have run them. */
  private readonly running = new Map<string, Cell>();
  private readonly kernel: KernelClient;

  constructor(kernel: KernelClient) {
    this.kernel = kernel;
    kernel.onPublished((message) => this.hear(message));
  }

  /** Runs a cell, as Lab does: with its id, and the cells that have been deleted. */
  async run(id: string, source: string): Promise<void> {
    const cell: Cell = { source, outputs: [], clears: false };
    this.cells.set(id, cell);
    const metadata = { cellId: id, deletedCells: this.deleted };
    this.deleted = [];
    const execution = this.kernel.execute(source, { metadata });
    this.running.set(this.kernel.latest, cell);
    const { reply } = await execution;
    if (reply["status"] !== "ok") throw new Error(JSON.stringify(reply));
  }

  delete(id: string): void {
    this.cells.delete(id);
    this.deleted.push(id);
  }

  /** As a user does, in ways that no kernel hears of. */
  clear(id: string): void {
    this.cells.get(id)!.outputs.length = 0;
  }

  reverse(): void {
    this.cells = new Map([...this.cells].reverse());
  }

  outputsOf(id: string): readonly Bundle[] {
    return this.cells.get(id)!.outputs.map(({ data }) => data);
  }

  /** How many copies of plotly.js there are. */
  get copies(): number {
    return this.count(/<script class="saddle-runtime">\(/g);
  }

  get figures(): number {
    return this.count(/<div class="saddle-figure"/g);
  }

  /** Of the file. */
  get bytes(): number {
    return this.text().length;
  }

  /** Resolves when there are so many copies. */
  async settled(copies: number): Promise<void> {
    while (this.copies !== copies) await new Promise((resolve) => setTimeout(resolve, 50));
  }

  save(path: string): void {
    writeFileSync(path, this.text());
  }

  private count(pattern: RegExp): number {
    const html = [...this.cells.values()].flatMap(({ outputs }) =>
      outputs.map(({ data }) => data["text/html"]),
    );
    return html.reduce<number>(
      (sum, text) => sum + ((text as string | undefined)?.match(pattern)?.length ?? 0),
      0,
    );
  }

  private text(): string {
    const cells = [...this.cells].map(([id, { source, outputs }]) => ({
      ...{ cell_type: "code", id: id.replaceAll(" ", "-"), metadata: {}, source, execution_count: 1 },
      outputs: outputs.map(saved),
    }));
    const kernelspec = { name: "saddle", display_name: "Saddle", language: "typescript" };
    return JSON.stringify({ nbformat: 4, nbformat_minor: 5, metadata: { kernelspec }, cells });
  }

  private hear({ type, parent, content }: Message): void {
    const { data, transient } = content as { data?: Bundle; transient?: { display_id?: string } };
    const displayId = transient?.display_id;
    if (type === "update_display_data") {
      const outputs = [...this.cells.values()].flatMap((cell) => cell.outputs);
      for (const output of outputs) if (output.displayId === displayId) output.data = data!;
    }
    const cell = this.running.get(parent);
    if (cell === undefined) return;
    if (type === "clear_output") {
      if (content["wait"] === true) cell.clears = true;
      else cell.outputs.length = 0;
    }
    if (!["display_data", "execute_result", "stream", "error"].includes(type)) return;
    if (cell.clears) cell.outputs.length = 0;
    cell.clears = false;
    cell.outputs.push({ type, content, data: data ?? {}, displayId });
  }
}

function saved({ type, content, data }: Output): object {
  if (type === "stream" || type === "error") return { output_type: type, ...content };
  const count = type === "execute_result" ? { execution_count: content["execution_count"] } : {};
  return { output_type: type, data, metadata: content["metadata"], ...count };
}
