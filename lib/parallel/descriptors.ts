import { koffi } from "../util/native";

/** Makes what is written to one descriptor of this process go where another does; gives one for where it went. */
export function redirect(from: number, to: number): number {
  const library = koffi().load(process.platform === "darwin" ? "libSystem.dylib" : "libc.so.6");
  const kept = library.func("int dup(int fd)")(from) as number;
  library.func("int dup2(int to, int from)")(to, from);
  return kept;
}
