import { clearOutput, display } from "../../../../lib/util/display";
import { installFrontend } from "../../../../lib/util/frontend";
import type { DisplayOptions, Frontend, MimeBundle } from "../../../../lib/util/frontend";
import { input } from "../../../../lib/util/input";
import type { Output } from "./outlet";

interface Question {
  resolve(text: string): void;
  reject(error: Error): void;
}

/** What a cell shows and asks: the library's front end, and some of its functions as the globals of a cell. */
export class Screen implements Frontend {
  private readonly outlet: Output;
  private questions: Question[] = [];
  private readonly showing = new Set<Promise<void>>();

  constructor(outlet: Output) {
    this.outlet = outlet;
    installFrontend(this);
  }

  readonly globals = { display, clearOutput, input };

  display(data: MimeBundle, { displayId: id, update = false, metadata = {} }: DisplayOptions): void {
    if (update && id !== undefined) this.outlet.send({ type: "update", data, metadata, id });
    else this.outlet.send({ type: "display", data, metadata, id });
  }

  clearOutput(wait: boolean): void {
    this.outlet.send({ type: "clear", wait });
  }

  input(prompt: string, password: boolean): Promise<string> {
    this.outlet.send({ type: "input", prompt, password });
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

  await(work: Promise<void>): void {
    this.showing.add(work);
    const forget = () => this.showing.delete(work);
    void work.then(forget, forget);
  }
}
