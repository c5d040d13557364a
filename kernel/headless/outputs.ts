import type { Publication } from "../contract/messages";
import { linesOf, textOf } from "./notebook";
import type { Output } from "./notebook";

interface Placed {
  output: Output;
  readonly displayId?: string;
}

/** The outputs of a notebook's cells, gathered from what the dispatch publishes. */
export class Outputs {
  private readonly cells = new Map<string, Placed[]>();
  private readonly clearing = new Set<string>();
  private readonly counts = new Map<string, number>();

  /** The outputs of the cell that the request of this id has executed. */
  of(requestId: string): Output[] {
    return (this.cells.get(requestId) ?? []).map(({ output }) => storable(output));
  }

  /** The execution count of the cell that the request of this id executes. */
  countOf(requestId: string): number | null {
    return this.counts.get(requestId) ?? null;
  }

  hear({ parent, type, content }: Publication): void {
    if (type === "execute_input") {
      const { execution_count: count } = content as { execution_count: number };
      this.counts.set(parent?.msg_id ?? "", count);
    } else if (type === "update_display_data") this.update(content as DisplayContent);
    else if (type === "clear_output") this.clear(parent?.msg_id ?? "", (content as { wait: boolean }).wait);
    else if (isOutput(type)) this.add(parent?.msg_id ?? "", type, content);
  }

  private add(requestId: string, type: Output["output_type"], content: object): void {
    if (this.clearing.delete(requestId)) this.cells.delete(requestId);
    const placed = this.cells.get(requestId) ?? [];
    this.cells.set(requestId, placed);
    const latest = placed.at(-1);
    const { transient, ...rest } = content as { transient?: { display_id?: string } };
    const output = { output_type: type, ...rest } as Output;
    if (
      output.output_type === "stream" &&
      latest?.output.output_type === "stream" &&
      latest.output.name === output.name
    ) {
      latest.output = { ...output, text: textOf(latest.output.text) + textOf(output.text) };
    } else placed.push({ output, displayId: transient?.display_id });
  }

  private update({ data, metadata, transient }: DisplayContent): void {
    for (const placed of [...this.cells.values()].flat()) {
      if (placed.displayId !== transient.display_id) continue;
      placed.output = { ...placed.output, data, metadata } as Output;
    }
  }

  private clear(requestId: string, wait: boolean): void {
    if (wait) this.clearing.add(requestId);
    else this.cells.delete(requestId);
  }
}

interface DisplayContent {
  readonly data: Readonly<Record<string, unknown>>;
  readonly metadata: object;
  readonly transient: { readonly display_id?: string };
}

function isOutput(type: string): type is Output["output_type"] {
  return ["stream", "display_data", "execute_result", "error"].includes(type);
}

/** Texts as lists of lines; of a line that a carriage return overwrites, what is left. */
function storable(output: Output): Output {
  if (output.output_type === "stream") {
    return { ...output, text: linesOf(textOf(output.text).replace(/^.*\r(?!\n)/gm, "")) };
  }
  if (output.output_type === "error") return output;
  const data = Object.entries(output.data).map(([type, value]): [string, unknown] => {
    const isText = typeof value === "string" && (type.startsWith("text/") || type.endsWith("xml"));
    return [type, isText ? linesOf(value) : value];
  });
  return { ...output, data: Object.fromEntries(data) };
}
