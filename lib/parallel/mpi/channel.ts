import { Mpi, type Handle, type Request } from "./binding";
import type { MpiComm } from "./comm";

/** What a thread needs to open a channel that the main one has made. */
export interface ChannelAddress {
  readonly implementation: string;
  readonly handle: Handle;
  readonly rank: number;
  readonly size: number;
}

const tag = 7;

/** Makes a channel beside the communicator. Collective, and blocks. */
export function createChannel({ mpi, rank, size }: MpiComm): ChannelAddress {
  return { implementation: mpi.name, handle: mpi.duplicate(mpi.world), rank, size };
}

/** Messages between ranks, for a thread of its own that is to hear while the main one computes. */
export class Channel {
  readonly rank: number;
  readonly size: number;
  private readonly mpi: Mpi;
  private readonly handle: Handle;
  private readonly sending = new Set<Request>();

  constructor({ implementation, handle, rank, size }: ChannelAddress) {
    this.mpi = Mpi.named(implementation);
    this.handle = handle;
    this.rank = rank;
    this.size = size;
  }

  send(bytes: Uint8Array, to: number): void {
    this.sending.add(this.mpi.isend(bytes, to, tag, this.handle));
  }

  /** The next message, if one is there. Lets go of what has been sent. */
  receive(): Uint8Array | undefined {
    for (const request of this.sending) if (this.mpi.isDone(request)) this.sending.delete(request);
    const found = this.mpi.probe(tag, this.handle);
    return found && this.mpi.receive(found.length, found.from, tag, this.handle);
  }
}
