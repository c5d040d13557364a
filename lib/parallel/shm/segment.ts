import { refuse } from "../../util/errors";
import { koffi } from "../../util/native";

/**
 * Memory that processes share. It has no name that could outlive them: whoever inherits the file
 * descriptor can map it, and it is gone with the last of them.
 */
export function createSegment(bytes: number): number {
  const fd = process.platform === "linux" ? memfd() : unlinkedShm();
  const truncate = libc().func("int ftruncate(int fd, int64_t length)");
  if (fd < 0 || truncate(fd, bytes) !== 0) {
    refuse("shared memory", `the system gives no segment of ${bytes} bytes`);
  }
  return fd;
}

/** The whole segment as a buffer, for as long as the process lives. */
export function mapSegment(fd: number, bytes: number): ArrayBuffer {
  const map = libc().func(
    "void *mmap(void *at, size_t n, int protection, int flags, int fd, int64_t offset)",
  );
  const readWrite = 3;
  const shared = 1;
  const address = map(null, bytes, readWrite, shared, fd, 0) as bigint;
  if (address === 0n || address === 0xffff_ffff_ffff_ffffn) {
    refuse("shared memory", `descriptor ${fd} cannot be mapped`);
  }
  return koffi().view(address, bytes);
}

export function libc() {
  const names: Partial<Record<NodeJS.Platform, string>> = { linux: "libc.so.6", darwin: "libSystem.dylib" };
  const name = names[process.platform];
  return name === undefined
    ? refuse("shared memory", `${process.platform} has none that Saddle knows; use the engine mpi`)
    : koffi().load(name);
}

function memfd(): number {
  const closeOnExec = 1;
  return libc().func("int memfd_create(const char *name, unsigned int flags)")(
    "saddle",
    closeOnExec,
  ) as number;
}

function unlinkedShm(): number {
  const [readWrite, create, exclusive] = [2, 0x200, 0x800];
  const name = `/saddle-${process.pid}-${Date.now()}`;
  const open = libc().func("int shm_open(const char *name, int flags, int mode)");
  const fd = open(name, readWrite | create | exclusive, 0o600) as number;
  libc().func("int shm_unlink(const char *name)")(name);
  return fd;
}
