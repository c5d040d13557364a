import { randomUUID } from "node:crypto";
import { installFrontend } from "../../lib/util/frontend";
import type { DisplayOptions, Frontend, MimeBundle } from "../../lib/util/frontend";
import { bundleOf } from "./bundle";
import type { Outlet } from "./outlet";

interface CellDisplayOptions {
  readonly id?: string;
  readonly update?: boolean;
  readonly metadata?: Record<string, unknown>;
}

interface Displayed {
  readonly id: string;
  update(value: unknown): void;
}

interface Question {
  resolve(text: string): void;
  reject(error: Error): void;
}

/** What a cell shows and asks: the library's front end, and the globals of a cell. */
export class Screen implements Frontend {
  private readonly outlet: Outlet;
  private questions: Question[] = [];
  private readonly showing = new Set<Promise<void>>();

  constructor(outlet: Outlet) {
    this.outlet = outlet;
    installFrontend(this);
  }

  readonly globals = {
    display: (value: unknown, options: CellDisplayOptions = {}): Displayed => {
      const { id = randomUUID(), update = false, metadata } = options;
      this.show(value, { displayId: id, update, metadata });
      return { id, update: (next) => this.show(next, { displayId: id, update: true, metadata }) };
    },
    clearOutput: (wait = false): void => this.clearOutput(wait),
    input: (prompt = "", options: { readonly password?: boolean } = {}): Promise<string> =>
      this.input(prompt, options.password ?? false),
  };

  display(data: MimeBundle, { displayId: id, update = false, metadata = {} }: DisplayOptions): void {
    if (update && id !== undefined) this.outlet.report({ type: "update", data, metadata, id });
    else this.outlet.report({ type: "display", data, metadata, id });
  }

  clearOutput(wait: boolean): void {
    this.outlet.report({ type: "clear", wait });
  }

  input(prompt: string, password: boolean): Promise<string> {
    this.outlet.report({ type: "input", prompt, password });
    return new Promise((resolve, reject) => this.questions.push({ resolve, reject }));
  }

  answer(text: string | undefined): void {
    const question = this.questions.shift();
    if (text === undefined) question?.reject(new Error("input() has nobody to ask in this front end"));
    else question?.resolve(text);
  }

  /** Nobody waits any longer for the answers that have not come. */
  forgetQuestions(): void {
    this.questions = [];
  }

  /** Resolves when all values that are on their way to the screen are there. */
  async shown(): Promise<void> {
    while (this.showing.size > 0) await Promise.all(this.showing);
  }

  private show(value: unknown, options: DisplayOptions): void {
    const bundle = bundleOf(value);
    if (!(bundle instanceof Promise)) {
      this.display(bundle, options);
      return;
    }
    const shown = bundle.then((data) => this.display(data, options));
    this.showing.add(shown);
    const forget = () => this.showing.delete(shown);
    void shown.then(forget, forget);
  }
}
