import { CollectiveComm, decodeIntent, encodeIntent } from "../collective";
import type { Intent } from "../collective";
import type { Departure, Gone } from "../departure";
import { sameType } from "../comm";
import type { Numbers, ReduceOp } from "../comm";
import { pause } from "../pause";
import { accumulate } from "../reduce";
import { Bell } from "./bell";
import { layoutFor, letterBytes, letterWords, pageBytes, slabBytes, words } from "./segmentLayout";
import type { RegionOffsets } from "./segmentLayout";
import { cutIntoPieces } from "./pieces";
import { mapSegment } from "./segment";

const spins = 200;

/** Ranks of one machine, through memory that they share. */
export class ShmComm extends CollectiveComm {
  readonly rank: number;
  readonly size: number;
  private readonly layout: RegionOffsets;
  private readonly memory: ArrayBuffer;
  private readonly pages: readonly Int32Array[];
  private readonly bell: Bell;
  private epoch = 0;
  private arrivals = 0;

  /** @param fd a descriptor of the segment that `createSegment(layoutFor(size).bytes)` made. */
  constructor(fd: number, rank: number, size: number) {
    super();
    this.rank = rank;
    this.size = size;
    this.layout = layoutFor(size);
    this.memory = mapSegment(fd, this.layout.bytes);
    this.pages = this.ranks((each) => new Int32Array(this.memory, this.layout.page(each), pageBytes / 4));
    this.bell = new Bell(new Int32Array(this.memory, this.layout.bell, 1));
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
    const gone = () => this.goneOf([to], () => false);
    const { head, data } = this.box(this.rank, to);
    let sent = 0;
    do {
      await this.until(() => head[letterWords.sent] === Atomics.load(head, letterWords.taken), gone);
      const part = values.subarray(sent, sent + letterBytes);
      data.set(part);
      sent += part.length;
      [head[letterWords.length], head[letterWords.total]] = [part.length, values.length];
      head[letterWords.epoch] = this.epoch;
      Atomics.add(head, letterWords.sent, 1);
      this.bell.ring();
    } while (sent < values.length);
  }

  private async take(from: number): Promise<Uint8Array> {
    const gone = () => this.goneOf([from], () => false);
    const { head, data } = this.box(from, this.rank);
    let received = new Uint8Array(0);
    let count = 0;
    do {
      await this.until(() => Atomics.load(head, letterWords.sent) !== head[letterWords.taken], gone);
      const isCurrent = head[letterWords.epoch] === this.epoch;
      if (isCurrent) {
        if (count === 0) received = new Uint8Array(head[letterWords.total]);
        received.set(data.subarray(0, head[letterWords.length]), count);
        count += head[letterWords.length];
      }
      Atomics.add(head, letterWords.taken, 1);
      this.bell.ring();
      if (isCurrent && count === received.length) return received;
    } while (true);
  }

  protected async exchange(intent: Intent): Promise<readonly Intent[]> {
    this.pages[this.rank].set(encodeIntent(intent), words.intent);
    await this.meet();
    const all = this.pages.map((page) => decodeIntent(page.subarray(words.intent)));
    await this.meet();
    return all;
  }

  /**
   * Each rank reduces its share of a piece. It has its own numbers of that at hand, so that it offers only the others'
   * shares in its slab, and leaves the result in the place that this keeps free. The ranks meet once a piece: between two
   * meetings they combine one piece, collect the one before, and offer the one after.
   */
  protected async reduce(values: Numbers, op: ReduceOp): Promise<void> {
    const me = this.rank;
    const others = this.ranks((rank) => rank).filter((rank) => rank !== me);
    const slabs = this.ranks((rank) => this.layout.slab(rank));
    const { count, share, place } = cutIntoPieces(values, this.memory, slabs);
    const offer = (piece: number) => {
      for (const rank of others) place(piece, me, rank).set(share(piece, rank));
    };
    const combine = (piece: number) => {
      const mine = share(piece, me);
      for (const rank of others) accumulate(mine, place(piece, rank, me), op);
      place(piece, me, me).set(mine);
    };
    const collect = (piece: number) => {
      for (const rank of others) share(piece, rank).set(place(piece, rank, rank));
    };
    if (count > 0) offer(0);
    for (let piece = 0; piece <= count; piece++) {
      await this.meet();
      if (piece < count) combine(piece);
      if (piece > 0) collect(piece - 1);
      if (piece + 1 < count) offer(piece + 1);
    }
  }

  protected spread(values: Numbers, root: number): Promise<void> {
    return this.inSlabs(values, slabBytes / values.BYTES_PER_ELEMENT, async (part, slabs) => {
      if (this.rank === root) slabs[root].set(part);
      await this.meet();
      if (this.rank !== root) part.set(slabs[root].subarray(0, part.length));
      await this.meet();
    });
  }

  protected async gather<T extends Numbers>(values: T, lengths: readonly number[]): Promise<T[]> {
    const all = lengths.map((length) =>
      sameType(values, new ArrayBuffer(length * values.BYTES_PER_ELEMENT), 0, length),
    );
    const most = slabBytes / values.BYTES_PER_ELEMENT;
    for (let start = 0; start < Math.max(...lengths); start += most) {
      const mine = values.subarray(start, start + most);
      sameType(values, this.memory, this.layout.slab(this.rank), mine.length).set(mine);
      await this.meet();
      all.forEach((into, rank) => {
        const length = Math.min(most, into.length - start);
        if (length > 0) into.set(sameType(values, this.memory, this.layout.slab(rank), length), start);
      });
      await this.meet();
    }
    return all;
  }

  protected restart(epoch: number): Promise<void> {
    const page = this.pages[this.rank];
    this.arrivals = 0;
    this.epoch = epoch;
    Atomics.store(page, words.arrivals, 0);
    Atomics.store(page, words.epoch, epoch);
    return Promise.resolve();
  }

  protected announce({ turn, collectives, status }: Departure): void {
    const page = this.pages[this.rank];
    Atomics.store(page, words.collectives, collectives);
    Atomics.store(page, words.status, status);
    Atomics.store(page, words.turn, turn + 1);
    this.bell.ring();
  }

  protected departureOf(rank: number): Departure | undefined {
    const page = this.pages[rank];
    const turn = Atomics.load(page, words.turn) - 1;
    if (turn < 0) return undefined;
    return {
      turn,
      collectives: Atomics.load(page, words.collectives),
      status: Atomics.load(page, words.status),
    };
  }

  /** Calls `work` with pieces of at most `most` values, which fit the slabs, and the slabs as the same kind of numbers. */
  private async inSlabs(
    values: Numbers,
    most: number,
    work: (part: Numbers, slabs: readonly Numbers[]) => Promise<void>,
  ): Promise<void> {
    const slabs = this.ranks((each) => sameType(values, this.memory, this.layout.slab(each), most));
    for (let start = 0; start < values.length; start += most) {
      await work(values.subarray(start, start + most), slabs);
    }
  }

  /** Resolves when all ranks have come here. */
  private meet(): Promise<void> {
    const target = ++this.arrivals;
    Atomics.store(this.pages[this.rank], words.arrivals, target);
    this.bell.ring();
    return this.until(
      () => this.pages.every((page) => this.hasArrived(page, target)),
      () => this.goneOfCollective(),
    );
  }

  private hasArrived(page: Int32Array, target: number): boolean {
    // The difference is right even when the count of arrivals has run over.
    return (
      Atomics.load(page, words.epoch) === this.epoch &&
      ((Atomics.load(page, words.arrivals) - target) | 0) >= 0
    );
  }

  /** @param gone the ranks that are through, without which this will not be */
  private async until(isSo: () => boolean, gone: () => readonly Gone[]): Promise<void> {
    for (let spin = 0; spin < spins; spin++) if (isSo()) return;
    for (;;) {
      this.checkAbort();
      const { count } = this.bell;
      // Who is through has done before all that it did: only then is it certain that this is not so.
      const missing = gone();
      if (isSo()) return;
      this.refuseMissing(missing);
      this.bell.sleep(count);
      if (isSo()) return;
      await pause(0);
    }
  }

  private box(from: number, to: number): { head: Int32Array; data: Uint8Array } {
    const start = this.layout.box(from, to);
    const head = new Int32Array(this.memory, start, pageBytes / 4);
    return { head, data: new Uint8Array(this.memory, start + pageBytes, letterBytes) };
  }

  private ranks<T>(of: (rank: number) => T): T[] {
    return Array.from({ length: this.size }, (_, rank) => of(rank));
  }
}
