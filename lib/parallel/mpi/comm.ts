import { CollectiveComm, decodeIntent, encodeIntent, intentWords } from "../collective";
import type { Intent } from "../collective";
import type { Departure, Gone } from "../departure";
import { sameType } from "../comm";
import type { Numbers, ReduceOp } from "../comm";
import { pause } from "../pause";
import type { Handle, Mpi, Request } from "./binding";

/** MPI counts elements in 32 bits, and what is cut small is taken up again sooner. */
const mostBytes = 64 << 20;
const spinMilliseconds = 2;
const tags = { length: 1, body: 2, departure: 3 } as const;

/** How many letters have gone to and come from each rank, as a departure tells them as well. */
interface Letters {
  readonly sent: number[];
  readonly received: number[];
}

/** What another rank has told of its end: what it has sent to this one, and received from it. */
interface Heard extends Departure {
  readonly sent: number;
  readonly received: number;
}

/** Ranks that an MPI launcher has started. */
export class MpiComm extends CollectiveComm {
  readonly rank: number;
  readonly size: number;
  readonly mpi: Mpi;
  private handle: Handle;
  /** What ranks tell of their ends goes beside all else. */
  private readonly farewells: Handle;
  private readonly departures = new Map<number, Heard>();
  private letters: Letters;
  /** Messages on their way, which nobody waits for. */
  private readonly sending: Request[] = [];
  /** What was given up when a cell failed: MPI may still write there. */
  private readonly abandoned: Request[] = [];

  constructor(mpi: Mpi) {
    super();
    this.mpi = mpi;
    this.rank = mpi.rank(mpi.world);
    this.size = mpi.size(mpi.world);
    this.handle = mpi.duplicate(mpi.world);
    this.farewells = mpi.duplicate(mpi.world);
    this.letters = noLetters(this.size);
  }

  send(values: Uint8Array, to: number): Promise<void> {
    this.checkRank("send", "to", to);
    return this.waiting(`send to rank ${to}`, () => this.post(values, to));
  }

  recv(from: number): Promise<Uint8Array> {
    this.checkRank("recv", "from", from);
    return this.waiting(`recv from rank ${from}`, () => this.take(from));
  }

  private async post(values: Uint8Array, to: number): Promise<void> {
    const letter = ++this.letters.sent[to];
    const gone = () => this.goneOf([to], () => (this.departures.get(to)?.received ?? letter) >= letter);
    const length = new Uint8Array(Float64Array.of(values.length).buffer);
    await this.done(this.mpi.isend(length, to, tags.length, this.handle), gone);
    for (let start = 0; start < values.length; start += mostBytes) {
      const part = values.subarray(start, start + mostBytes);
      await this.done(this.mpi.isend(part, to, tags.body, this.handle), gone);
    }
  }

  private async take(from: number): Promise<Uint8Array> {
    const letter = ++this.letters.received[from];
    const gone = () => this.goneOf([from], () => (this.departures.get(from)?.sent ?? letter) >= letter);
    const length = new Float64Array(new ArrayBuffer(8));
    await this.done(this.mpi.irecv(new Uint8Array(length.buffer), from, tags.length, this.handle), gone);
    const values = new Uint8Array(length[0]);
    for (let start = 0; start < values.length; start += mostBytes) {
      const part = values.subarray(start, start + mostBytes);
      await this.done(this.mpi.irecv(part, from, tags.body, this.handle), gone);
    }
    return values;
  }

  protected async exchange(intent: Intent): Promise<readonly Intent[]> {
    const all = new Int32Array(intentWords * this.size);
    await this.done(this.mpi.iallgather(Int32Array.from(encodeIntent(intent)), all, this.handle));
    return Array.from({ length: this.size }, (_, rank) =>
      decodeIntent(all.subarray(intentWords * rank, intentWords * (rank + 1))),
    );
  }

  protected async reduce(values: Numbers, op: ReduceOp): Promise<void> {
    for (const part of parts(values)) await this.done(this.mpi.iallreduce(part, op, this.handle));
  }

  protected async spread(values: Numbers, root: number): Promise<void> {
    for (const part of parts(values)) await this.done(this.mpi.ibcast(part, root, this.handle));
  }

  protected async gather<T extends Numbers>(values: T, lengths: readonly number[]): Promise<T[]> {
    const counts = Int32Array.from(lengths);
    const offsets = Int32Array.from(lengths, (_, rank) => sum(lengths.slice(0, rank)));
    const total = sum(lengths);
    const all = sameType(values, new ArrayBuffer(total * values.BYTES_PER_ELEMENT), 0, total);
    await this.done(this.mpi.iallgatherv(values, all, counts, offsets, this.handle));
    return lengths.map((length, rank) => all.slice(offsets[rank], offsets[rank] + length) as T);
  }

  protected restart(): Promise<void> {
    this.handle = this.mpi.duplicate(this.mpi.world);
    this.letters = noLetters(this.size);
    return Promise.resolve();
  }

  /** Ends this rank's part in MPI. What others never received MPI would wait for: then the job ends instead. */
  close(): void {
    this.leave(0);
    if (this.abandoned.some((request) => !this.mpi.isDone(request) && request.isSend)) this.mpi.abort(1);
    else this.mpi.finalize();
  }

  protected announce({ turn, collectives, status }: Departure): void {
    for (let rank = 0; rank < this.size; rank++) {
      if (rank === this.rank) continue;
      const { sent, received } = this.letters;
      const told = Float64Array.of(turn, collectives, status, sent[rank], received[rank]);
      this.sending.push(this.mpi.isend(new Uint8Array(told.buffer), rank, tags.departure, this.farewells));
    }
  }

  protected departureOf(rank: number): Departure | undefined {
    return this.departures.get(rank);
  }

  override begin(turn: number): void {
    super.begin(turn);
    this.hearDepartures();
  }

  private hearDepartures(): void {
    for (;;) {
      const found = this.mpi.probe(tags.departure, this.farewells);
      if (found === undefined) break;
      const bytes = this.mpi.receive(found.length, found.from, tags.departure, this.farewells);
      const [turn, collectives, status, sent, received] = new Float64Array(bytes.buffer);
      this.departures.set(found.from, { turn, collectives, status, sent, received });
    }
    while (this.sending.length > 0 && this.mpi.isDone(this.sending[0])) this.sending.shift();
  }

  private async done(
    request: Request,
    gone: () => readonly Gone[] = () => this.goneOfCollective(),
  ): Promise<void> {
    const start = performance.now();
    while (!this.mpi.isDone(request)) {
      try {
        this.checkAbort();
        if (performance.now() - start >= spinMilliseconds) {
          this.hearDepartures();
          this.refuseMissing(gone());
        }
      } catch (error) {
        this.abandoned.push(request);
        throw error;
      }
      await pause(performance.now() - start < spinMilliseconds ? 0 : 1);
    }
  }
}

function noLetters(size: number): Letters {
  const none = () => new Array<number>(size).fill(0);
  return { sent: none(), received: none() };
}

function* parts(values: Numbers): Generator<Numbers> {
  const most = mostBytes / values.BYTES_PER_ELEMENT;
  for (let start = 0; start < values.length; start += most) yield values.subarray(start, start + most);
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
