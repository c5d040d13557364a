import { refuse } from "../../util/errors";
import type { Numbers, ReduceOp } from "../comm";
import { typeName } from "../comm";
import { koffi } from "../../util/native";

/** MPI's handles: Open MPI's are pointers, MPICH's are numbers. */
export type Handle = number | bigint;

type Native = (...args: unknown[]) => number;

type TypeName = "float32" | "float64" | "int32" | "uint32" | "uint16" | "uint8";

interface Implementation {
  readonly name: string;
  readonly libraries: readonly string[];
  /** The C type of a handle. */
  readonly handle: string;
  readonly world: string | number;
  readonly types: Readonly<Record<TypeName, string | number>>;
  readonly ops: Readonly<Record<ReduceOp, string | number>>;
  readonly inPlace: bigint;
  readonly ignoreStatus: bigint;
  readonly anySource: number;
  /** Where MPI_SOURCE is in a status, in 32-bit words. */
  readonly sourceWord: number;
}

const openMpi: Implementation = {
  name: "Open MPI",
  libraries: ["libmpi.so.40", "libmpi.so", "libmpi.dylib"],
  handle: "void *",
  world: "ompi_mpi_comm_world",
  types: {
    float32: "ompi_mpi_float",
    float64: "ompi_mpi_double",
    int32: "ompi_mpi_int32_t",
    uint32: "ompi_mpi_uint32_t",
    uint16: "ompi_mpi_uint16_t",
    uint8: "ompi_mpi_uint8_t",
  },
  ops: {
    sum: "ompi_mpi_op_sum",
    prod: "ompi_mpi_op_prod",
    min: "ompi_mpi_op_min",
    max: "ompi_mpi_op_max",
  },
  inPlace: 1n,
  ignoreStatus: 0n,
  anySource: -1,
  sourceWord: 0,
};

/** The numbers are those of MPICH's ABI, which Intel's, Cray's and MVAPICH's libraries share. */
const mpich: Implementation = {
  name: "MPICH",
  libraries: ["libmpich.so.12", "libmpi.so.12", "libmpi.12.dylib"],
  handle: "int",
  world: 0x44000000,
  types: {
    float32: 0x4c00040a,
    float64: 0x4c00080b,
    int32: 0x4c000439,
    uint32: 0x4c00043d,
    uint16: 0x4c00023c,
    uint8: 0x4c00013b,
  },
  ops: { max: 0x58000001, min: 0x58000002, sum: 0x58000003, prod: 0x58000004 },
  inPlace: 0xffff_ffff_ffff_ffffn,
  ignoreStatus: 1n,
  anySource: -2,
  sourceWord: 2,
};

/** The implementation whose launcher has started this process, if one has. */
export function launchedBy(environment: NodeJS.ProcessEnv): Implementation | undefined {
  if (environment["OMPI_COMM_WORLD_SIZE"] !== undefined) return openMpi;
  if (environment["PMI_RANK"] !== undefined) return mpich;
  return environment["PMIX_RANK"] === undefined ? undefined : openMpi;
}

const threadMultiple = 3;

/** MPI's functions under their names without the prefix; what goes wrong in them ends the job, as MPI has it. */
export class Mpi {
  readonly world: Handle;
  readonly byte: Handle;
  private readonly implementation: Implementation;
  private readonly library: ReturnType<ReturnType<typeof koffi>["load"]>;
  private readonly functions = new Map<string, Native>();

  constructor(implementation: Implementation) {
    this.implementation = implementation;
    this.library = loadFirst(implementation);
    this.world = this.handle(implementation.world);
    this.byte = this.handle(implementation.types.uint8);
  }

  /** The same library for another thread of a process that has it. */
  static named(name: string): Mpi {
    return new Mpi(name === openMpi.name ? openMpi : mpich);
  }

  get name(): string {
    return this.implementation.name;
  }

  /** Threads of this process may all call MPI from now on. */
  init(): void {
    const provided = [0];
    this.call("Init_thread", "void *argc, void *argv, int required, _Out_ int *provided")(
      null,
      null,
      threadMultiple,
      provided,
    );
    if (provided[0] < threadMultiple) {
      const { name } = this.implementation;
      refuse(
        "MPI",
        `this ${name} was built without MPI_THREAD_MULTIPLE, which the control of the ranks needs`,
      );
    }
  }

  finalize(): void {
    this.call("Finalize", "")();
  }

  /** Ends the job: all its processes. */
  abort(status: number): void {
    this.call("Abort", "H comm, int status")(this.world, status);
  }

  rank(comm: Handle): number {
    return this.out("Comm_rank", comm);
  }

  size(comm: Handle): number {
    return this.out("Comm_size", comm);
  }

  /** A communicator of the same ranks, whose messages are its own. Collective, and blocks. */
  duplicate(comm: Handle): Handle {
    const { handle } = this.implementation;
    const into: (Handle | null)[] = [null];
    this.call("Comm_dup", `H comm, _Out_ ${handle === "int" ? "int *" : "void **"}into`)(comm, into);
    const [made] = into;
    return typeof made === "number" || typeof made === "bigint" ? made : koffi().address(made);
  }

  iallgather(values: Int32Array, all: Int32Array, comm: Handle): Request {
    const type = this.type(values);
    const prototype = "void *from, int n, H type, void *into, int each, H intoType, H comm, void *request";
    return this.begin([values, all], (request) =>
      this.call("Iallgather", prototype)(
        values,
        values.length,
        type,
        all,
        values.length,
        type,
        comm,
        request,
      ),
    );
  }

  /** In place. */
  iallreduce(values: Numbers, op: ReduceOp, comm: Handle): Request {
    const { inPlace, ops } = this.implementation;
    const prototype = "void *from, void *into, int n, H type, H op, H comm, void *request";
    const [type, operation] = [this.type(values), this.handle(ops[op])];
    return this.begin([values], (request) =>
      this.call("Iallreduce", prototype)(inPlace, values, values.length, type, operation, comm, request),
    );
  }

  ibcast(values: Numbers, root: number, comm: Handle): Request {
    const prototype = "void *values, int n, H type, int root, H comm, void *request";
    return this.begin([values], (request) =>
      this.call("Ibcast", prototype)(values, values.length, this.type(values), root, comm, request),
    );
  }

  /** `counts` and `offsets`, in elements, say where in `into` each rank's values go. */
  iallgatherv(
    values: Numbers,
    into: Numbers,
    counts: Int32Array,
    offsets: Int32Array,
    comm: Handle,
  ): Request {
    const type = this.type(values);
    const prototype =
      "void *from, int n, H type, void *into, void *counts, void *offsets, H intoType, H comm, void *request";
    return this.begin([values, into, counts, offsets], (request) =>
      this.call(
        "Iallgatherv",
        prototype,
      )(...[values, values.length, type, into, counts, offsets, type, comm, request]),
    );
  }

  isend(bytes: Uint8Array, to: number, tag: number, comm: Handle): Request {
    const prototype = "void *bytes, int n, H type, int to, int tag, H comm, void *request";
    const request = this.begin([bytes], (into) =>
      this.call("Isend", prototype)(bytes, bytes.length, this.byte, to, tag, comm, into),
    );
    return { ...request, isSend: true };
  }

  irecv(bytes: Uint8Array, from: number, tag: number, comm: Handle): Request {
    const prototype = "void *bytes, int n, H type, int from, int tag, H comm, void *request";
    return this.begin([bytes], (request) =>
      this.call("Irecv", prototype)(bytes, bytes.length, this.byte, from, tag, comm, request),
    );
  }

  /** Receives a message that a probe has found. */
  receive(length: number, from: number, tag: number, comm: Handle): Uint8Array {
    const bytes = new Uint8Array(length);
    const { ignoreStatus } = this.implementation;
    const prototype = "void *bytes, int n, H type, int from, int tag, H comm, void *status";
    this.call("Recv", prototype)(bytes, length, this.byte, from, tag, comm, ignoreStatus);
    return bytes;
  }

  /** The next message with this tag that could be received now, if there is one: from whom and how long it is. */
  probe(tag: number, comm: Handle): { from: number; length: number } | undefined {
    const { anySource, sourceWord } = this.implementation;
    const status = new Int32Array(new ArrayBuffer(64));
    const found = [0];
    const prototype = "int from, int tag, H comm, _Out_ int *found, void *status";
    this.call("Iprobe", prototype)(anySource, tag, comm, found, status);
    if (found[0] === 0) return undefined;
    const length = [0];
    this.call("Get_count", "void *status, H type, _Out_ int *n")(status, this.byte, length);
    return { from: status[sourceWord], length: length[0] };
  }

  isDone(request: Request): boolean {
    const done = [0];
    const { ignoreStatus } = this.implementation;
    this.call("Test", "void *request, _Out_ int *done, void *status")(request.handle, done, ignoreStatus);
    return done[0] !== 0;
  }

  private begin(memory: readonly Numbers[], start: (request: Uint8Array) => number): Request {
    const handle = new Uint8Array(new ArrayBuffer(16));
    start(handle);
    return { handle, memory };
  }

  private out(name: string, comm: Handle): number {
    const value = [0];
    this.call(name, "H comm, _Out_ int *value")(comm, value);
    return value[0];
  }

  private type(values: Numbers): Handle {
    return this.handle(this.implementation.types[typeName(values) as TypeName]);
  }

  private handle(value: string | number): Handle {
    return typeof value === "number" ? value : koffi().address(this.library.symbol(value));
  }

  private call(name: string, parameters: string): Native {
    const known = this.functions.get(name);
    if (known !== undefined) return known;
    const { handle } = this.implementation;
    const prototype = `int MPI_${name}(${parameters.replaceAll("H ", `${handle} `)})`;
    const native = this.library.func(prototype) as unknown as Native;
    this.functions.set(name, native);
    return native;
  }
}

/** Something that MPI is doing, with the memory that it does it in. */
export interface Request {
  readonly handle: Uint8Array;
  readonly memory: readonly Numbers[];
  /** It is done only when another rank has received it. */
  readonly isSend?: true;
}

function loadFirst({ name, libraries }: Implementation) {
  // UCX, on which both may stand, else tries its hooks on the heap of the process, by taking and giving back its end
  // while V8's threads allocate: memory of theirs is gone then, and the process crashes at times.
  process.env["UCX_MEM_EVENTS"] ??= "n";
  for (const library of libraries) {
    try {
      return koffi().load(library, { global: true });
    } catch {
      continue;
    }
  }
  return refuse("MPI", `${name} has started this process, but none of ${libraries.join(", ")} can be loaded`);
}
