import { randomUUID } from "node:crypto";
import { figureClass, figuresScriptHtml } from "../../lib/util/figuresScript";
import type { Publication, Request } from "../contract/messages";
import { cellOf } from "./origins";

/** Between two copies, in milliseconds: of a cell that runs again and again the last alone needs one. */
const leastInterval = 3000;

/** The cell behind whose figure the copy is. */
interface Holder {
  readonly cell: string;
  readonly request: Request;
  readonly displayId: string;
}

/**
 * Sees to it that the document has one copy of what draws figures (lib/viz/page.ts) as long as it has a figure, for pages
 * that are made from it and have no other.
 *
 * The copy is a display of its own behind the first figure, which no update touches. It is sent again when its cell runs
 * again, clears its output or is deleted, as soon as another figure is shown: what other cells do costs nothing. Where that
 * is sooner than `leastInterval`, an empty display keeps the place that it comes to.
 */
export class FiguresCopy {
  private readonly publish: (publication: Publication) => void;
  private holder: Holder | undefined;
  private isSent = false;
  private sentAt = -Infinity;
  /** The request on whose behalf the last one was sent. */
  private sentFor = "";
  private timer: NodeJS.Timeout | undefined;

  constructor(publish: (publication: Publication) => void) {
    this.publish = publish;
  }

  /** A cell is about to run: what it showed is gone, as are the cells that the front end has deleted. */
  begin(request: Request): void {
    const deleted = request.metadata["deletedCells"];
    const gone = [cellOf(request), ...(Array.isArray(deleted) ? (deleted as unknown[]) : [])];
    if (gone.includes(this.holder?.cell)) this.lose();
  }

  /** A cell has emptied its output. */
  cleared(request: Request | undefined): void {
    if (request !== undefined && cellOf(request) === this.holder?.cell) this.lose();
  }

  /** A bundle has been shown on behalf of a request. */
  shown(request: Request | undefined, data: object): void {
    if (this.holder !== undefined || request === undefined || !hasFigure(data)) return;
    this.holder = { cell: cellOf(request), request, displayId: randomUUID() };
    const wait = this.sentAt + leastInterval - performance.now();
    if (wait <= 0) {
      this.send("display_data");
      return;
    }
    this.say("display_data", "");
    this.timer = setTimeout(() => this.flush(), wait);
    // Who waits for nothing else need not wait for this.
    this.timer.unref();
  }

  /** A cell is done: if it has emptied its output of a copy, there is no more to come that would. */
  end({ header }: Request): void {
    if (header.msg_id === this.sentFor) this.flush();
  }

  /** Sends a copy that is owed. */
  flush(): void {
    if (this.holder !== undefined && !this.isSent) this.send("update_display_data");
  }

  private lose(): void {
    clearTimeout(this.timer);
    this.holder = undefined;
    this.isSent = false;
  }

  private send(type: "display_data" | "update_display_data"): void {
    clearTimeout(this.timer);
    this.isSent = true;
    this.sentAt = performance.now();
    this.sentFor = this.holder!.request.header.msg_id;
    this.say(type, figuresScriptHtml());
  }

  private say(type: string, html: string): void {
    const { request, displayId } = this.holder!;
    const content = {
      data: { "text/html": html, "text/plain": "" },
      metadata: {},
      transient: { display_id: displayId },
    };
    this.publish({ parent: request.header, type, content });
  }
}

function hasFigure(data: object): boolean {
  const html = (data as { readonly "text/html"?: unknown })["text/html"];
  return typeof html === "string" && html.includes(`class="${figureClass}"`);
}
