import { createInterface } from "node:readline";
import type { Duplex } from "node:stream";
import type { InspectorMessage } from "../../contract/pipes";

interface Asker {
  readonly resolve: (result: never) => void;
  readonly reject: (error: Error) => void;
}

/** The kernel's end of the line to the inspector of a session (see inspection.ts). */
export class InspectorClient {
  private readonly pipe: Duplex;
  private readonly askers = new Map<number, Asker>();
  private asked = 0;

  constructor(pipe: Duplex, onEvent: (method: string, params: object) => void) {
    this.pipe = pipe;
    createInterface({ input: pipe }).on("line", (line) => {
      const { id, method, params = {}, result = {}, error } = JSON.parse(line) as InspectorMessage;
      if (method !== undefined) onEvent(method, params);
      if (id === undefined) return;
      const asker = this.askers.get(id);
      this.askers.delete(id);
      if (error === undefined) asker?.resolve(result as never);
      else asker?.reject(new Error(error));
    });
  }

  post<T>(method: string, params: object): Promise<T> {
    const id = ++this.asked;
    return new Promise<T>((resolve, reject) => {
      this.askers.set(id, { resolve, reject });
      this.pipe.write(`${JSON.stringify({ id, method, params } satisfies InspectorMessage)}\n`);
    });
  }

  /** The session is gone, and answers no more. */
  end(): void {
    for (const { reject } of this.askers.values()) reject(new Error("the session has ended"));
    this.askers.clear();
  }
}
