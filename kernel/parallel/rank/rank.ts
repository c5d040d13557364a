import { createHash } from "node:crypto";
import { hostname } from "node:os";
import { serialize } from "node:v8";
import type { ToCell } from "../../contract/cellMessages";
import type { Outcome } from "../../contract/messages";
import type { Evaluator } from "../../session/cell/evaluate/evaluator";
import { library } from "../../session/cell/modules/library";
import type { CellServer } from "../../session/cell/serve";
import type { Output } from "../../session/cell/output/outlet";
import { NotData, pack, unpack } from "../pack";
import type { PackedValue, Parcel, Pulled, FromRank, RankEnd, ToRank } from "../../contract/rankMessages";

const beatInterval = 500; // milliseconds

interface RankParts {
  readonly evaluator: Evaluator;
  readonly outlet: Output<FromRank>;
}

type RunOnRank = Extract<ToRank, { type: "rank" }>;

/** What only ranks are told. */
type RankOrder = Exclude<ToRank, ToCell>;

/** Joins the other ranks, takes a device, and says so. */
function announceRank(outlet: Output<FromRank>): void {
  const { parallel } = library();
  const { rank } = parallel.world();
  const host = hostname();
  try {
    outlet.send({ type: "ready", host, claim: parallel.claimGpu(rankOnHost(rank)) });
  } catch (error) {
    outlet.send({ type: "ready", host, refusal: (error as Error).message });
  }
}

/** Launchers say which of the ranks on its own host a rank is. */
function rankOnHost(rank: number): number {
  const names = ["OMPI_COMM_WORLD_LOCAL_RANK", "MPI_LOCALRANKID", "SLURM_LOCALID"];
  const said = names.map((name) => process.env[name]).find((value) => value !== undefined);
  return said === undefined ? rank : Number(said);
}

/** What makes a process that runs cells a rank: it is given what the cell needs, and tells how it went. */
class Rank {
  private readonly parts: RankParts;
  /** For each of the notebook's variables that was made here from its declaration, which one that was. */
  private readonly made = new Map<string, string>();
  /** How many cells have run here: as many as on every other rank. */
  private turn = 0;

  constructor(parts: RankParts) {
    this.parts = parts;
  }

  obey(order: RankOrder): void {
    if (order.type === "release") library().parallel.world().abort(order.reason);
    else void this.run(order);
  }

  private async run(order: RunOnRank): Promise<void> {
    const comm = library().parallel.world();
    const turn = ++this.turn;
    const before = comm.traffic;
    const start = performance.now();
    const sinceBefore = () => ({
      collectives: comm.traffic.collectives - before.collectives,
      bytes: comm.traffic.bytes - before.bytes,
    });
    const beating = setInterval(() => {
      const beat = { activity: comm.activity, ...sinceBefore() };
      this.parts.outlet.send({ type: "beat", beat });
    }, beatInterval);
    const outcome = await this.outcomeOf(order, turn).finally(() => clearInterval(beating));
    const waitingIn = outcome.failure === undefined ? undefined : comm.activity;
    const isSecondary = outcome.failure?.name === "CommAborted";
    if (outcome.failure !== undefined) comm.abort("this rank has failed");
    const end: RankEnd = {
      ...{ outcome, isSecondary, waitingIn },
      pulled: outcome.failure === undefined ? await this.pull(order.pull, comm.rank === 0) : undefined,
      seconds: (performance.now() - start) / 1000,
      communicating: comm.traffic.seconds - before.seconds,
      ...sinceBefore(),
    };
    // What is brought back may have been computed with the others, so that only now nobody has to wait for this rank.
    if (outcome.failure === undefined) comm.finish();
    this.parts.outlet.send({ type: "ranked", end });
  }

  private async outcomeOf({ cell, parcel, renew }: RunOnRank, turn: number): Promise<Outcome> {
    const { evaluator } = this.parts;
    const { parallel } = library();
    if (renew !== undefined) await parallel.world().renew(renew);
    parallel.world().begin(turn);
    Object.assign(evaluator.namespace.exports, {
      rank: parallel.rank(),
      worldSize: parallel.worldSize(),
      device: parallel.device(),
      comm: parallel.world(),
    });
    return (await this.unpackParcel(parcel)) ?? evaluator.run(cell, cell.name);
  }

  /** A failure, if a declaration fails here. */
  private async unpackParcel({ values, statements }: Parcel): Promise<Outcome | undefined> {
    const { evaluator } = this.parts;
    for (const [name, packed] of Object.entries(values)) {
      this.made.delete(name);
      evaluator.namespace.exports[name] = unpack(packed);
    }
    for (const { id, names, cell } of statements) {
      if (names.every((name) => this.made.get(name) === id)) continue;
      const outcome = await evaluator.run(cell, cell.name);
      if (outcome.failure !== undefined) return outcome;
      for (const name of names) this.made.set(name, id);
    }
    return undefined;
  }

  private async pull(names: readonly string[], withValues: boolean): Promise<Pulled | undefined> {
    if (names.length === 0) return undefined;
    const checksums: Record<string, string> = {};
    const values: Record<string, PackedValue> = {};
    for (const name of names) {
      try {
        values[name] = await pack(this.parts.evaluator.namespace.exports[name]);
      } catch (error) {
        if (!(error instanceof NotData)) throw error;
        const part = error.path === "" ? "" : ` at ${name}${error.path}`;
        const message = `'${name}' cannot be brought back: it is or has ${error.message}${part}, which is not data.`;
        return { checksums, failure: { name: "PullError", message, traceback: [`PullError: ${message}`] } };
      }
      checksums[name] = createHash("sha256").update(serialize(values[name])).digest("hex");
    }
    return { checksums, values: withValues ? values : undefined };
  }
}

/** What a rank does with all that it is told: with what every process that runs cells is told, as these do. */
export function rankOf({ evaluator, obey }: CellServer, outlet: Output<FromRank>): (message: ToRank) => void {
  const rank = new Rank({ evaluator, outlet });
  announceRank(outlet);
  return (message) => {
    if (message.type === "rank" || message.type === "release") rank.obey(message);
    else obey(message);
  };
}
