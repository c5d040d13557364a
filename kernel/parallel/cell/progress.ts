import { randomUUID } from "node:crypto";
import { escapeHtml } from "../../../lib/util/html";
import type { Output } from "../../session/cell/output/outlet";
import type { Beat, RankEnd } from "../../contract/rankMessages";
import { collectivesText, megabytes, rounded } from "./summary";

/** How long a cell runs before its progress is shown, and how often that is, in milliseconds. */
const patience = 1000;
const interval = 500;
/** A rank that has said nothing for so long is busy, or hangs. */
const silence = 3000;

interface State extends Beat {
  readonly doing: string;
  /** When that was heard. */
  readonly at: number;
  /** How long the cell took there, once it is through. */
  readonly seconds?: number;
}

/** What each rank is doing, shown in one place while a cell runs that takes longer. */
export class RanksProgress {
  private readonly outlet: Output;
  private readonly id = randomUUID();
  private readonly start = performance.now();
  private readonly states: State[];
  private readonly timer: NodeJS.Timeout;
  private isShown = false;

  constructor(size: number, outlet: Output) {
    this.outlet = outlet;
    const first = { doing: "computes", at: this.start, collectives: 0, bytes: 0 };
    this.states = Array.from({ length: size }, () => first);
    this.timer = setInterval(() => {
      if (performance.now() - this.start >= patience) this.show();
    }, interval);
  }

  heard(rank: number, beat: Beat): void {
    const doing = beat.activity === undefined ? "computes" : `is in ${beat.activity}`;
    this.states[rank] = { ...beat, doing, at: performance.now() };
  }

  ended(rank: number, { outcome, seconds, collectives, bytes }: RankEnd): void {
    const doing = outcome.failure === undefined ? "is done" : `failed: ${outcome.failure.name}`;
    this.states[rank] = { doing, at: performance.now(), seconds, collectives, bytes };
  }

  /** Leaves the last state, if any was shown. */
  close(): void {
    clearInterval(this.timer);
    if (this.isShown) this.show();
  }

  private show(): void {
    const now = performance.now();
    const rows = this.states.map((state, rank) => rowOf(rank, state, now, this.start));
    const cells = rows.map((row) => row.map((cell) => `<td>${escapeHtml(cell)}</td>`).join(""));
    const body = cells.map((row) => `<tr>${row}</tr>`).join("");
    const data = {
      "text/html": `<table class="saddle-ranks"><tbody>${body}</tbody></table>`,
      "text/plain": rows.map((row) => row.join(" · ")).join("\n"),
    };
    this.outlet.send({ type: this.isShown ? "update" : "display", data, metadata: {}, id: this.id });
    this.isShown = true;
  }
}

function rowOf(rank: number, { doing, at, seconds, collectives, bytes }: State, now: number, start: number) {
  const isSilent = seconds === undefined && now - at > silence;
  const quiet = isSilent ? `, and has said nothing for ${Math.round((now - at) / 1000)} s` : "";
  return [
    `[${rank}]`,
    doing + quiet,
    `${rounded(seconds ?? (now - start) / 1000)} s`,
    ...(collectives === 0 ? [] : [collectivesText(collectives), megabytes(bytes)]),
  ];
}
