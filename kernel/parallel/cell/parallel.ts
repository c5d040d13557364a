import type { StreamName } from "../../contract/messages";
import type { RanksOptions } from "../../contract/globals";
import type { CellRanks, RanksParts } from "../../session/cell/serve";
import { RankGroup } from "./group";
import { checkRanksOptions } from "./options";
import { unpack } from "../pack";
import { parcelFor } from "./parcel";
import type { PoolOptions } from "./pool";
import type { RankEnd } from "../../contract/rankMessages";
import { reported } from "./run";
import { isRich, resultsOf, summaryOf } from "./summary";

/** What a notebook's session does with its cells for ranks: it keeps the ranks, and runs the cells there. */
export class Parallel implements CellRanks {
  private readonly parts: RanksParts;
  private group: RankGroup | undefined;

  constructor(parts: RanksParts) {
    this.parts = parts;
  }

  /** What stands for a cell with `%%parallel` in the notebook. */
  async onRanks(given: RanksOptions): Promise<object | undefined> {
    const { timeout, ...options } = checkRanksOptions(given);
    const cell = this.parts.turns.current.ranks;
    if (cell === undefined) throw new Error("there is no cell to run on ranks");
    const parcel = await parcelFor(cell, this.parts.namespace.exports);
    const group = await this.groupFor(options);
    const ends = await group.run(cell, parcel, timeout);
    this.bringBack(cell.pull, ends);
    this.show(ends);
    return resultsOf(ends);
  }

  interrupt(): void {
    this.group?.interrupt();
  }

  /** Ends the ranks. */
  reset(): void {
    this.group?.close();
    this.group = undefined;
  }

  /** The ranks that there are, if they are what is asked for, else fresh ones. */
  private async groupFor(options: PoolOptions): Promise<RankGroup> {
    if (this.group?.isUsable(options)) return this.group;
    if (this.group?.isAlive === true) {
      this.print("stdout", "The ranks start anew: the variables that they had are gone.\n");
      this.parts.outlet.send({ type: "forget", scope: "ranks" });
    }
    this.reset();
    const print = (stream: StreamName, text: string) => this.print(stream, text);
    const group = new RankGroup(options, this.parts.outlet, print, true);
    this.group = group;
    await group.ready;
    return group;
  }

  private bringBack(pull: readonly string[], ends: readonly RankEnd[]): void {
    const all = ends.map(({ pulled }) => pulled);
    const failure = all.find((pulled) => pulled?.failure !== undefined)?.failure;
    if (failure !== undefined) throw reported(failure.name, failure.message, []);
    const [first] = all;
    for (const name of pull) {
      const odd = all.findIndex((pulled) => pulled?.checksums[name] !== first?.checksums[name]);
      if (odd !== -1) {
        const hint = `make it the same first, for instance with parallel.allReduce or parallel.broadcast`;
        throw reported("PullError", `'${name}' is not the same on rank 0 and rank ${odd}: ${hint}`, []);
      }
    }
    for (const name of pull) {
      const packed = first?.values?.[name];
      if (packed !== undefined) this.parts.namespace.exports[name] = unpack(packed);
    }
  }

  /** Values that are more than text are shown one after the other; the rest goes into the result. */
  private show(ends: readonly RankEnd[]): void {
    for (const { outcome } of ends) {
      if (outcome.failure === undefined && isRich(outcome.result)) {
        this.parts.outlet.send({ type: "display", data: outcome.result, metadata: {} });
      }
    }
    this.print("stdout", summaryOf(ends));
  }

  private print(stream: StreamName, text: string): void {
    this.parts.outlet.write(stream, Buffer.from(text));
  }
}
