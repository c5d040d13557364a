/** A program: opens the library whose files it is given and prints what it finds, or crashes in the caller's stead. */
import { openLibrary, type Library } from "./library";
import { faultOf } from "./selfTest";

/** What a probe prints: `missing` where there is no such library here. */
export type Finding =
  { readonly kind: "right" } | { readonly kind: "missing" | "wrong"; readonly reason: string };

function find(files: readonly string[]): Finding {
  let library: Library;
  try {
    library = openLibrary(files);
  } catch (error) {
    return { kind: "missing", reason: (error as Error).message };
  }
  const fault = faultOf(library);
  return fault === undefined ? { kind: "right" } : { kind: "wrong", reason: fault };
}

if (require.main === module) process.stdout.write(JSON.stringify(find(process.argv.slice(2))));
