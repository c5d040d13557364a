import { isPlainObject } from "../../lib/util/trees";
import { refuse } from "../../lib/util/errors";
import { kernelInfo } from "../dispatch/info";

const kernelspec = { name: "saddle", display_name: "TypeScript (Saddle)", language: "typescript" };
const language = kernelInfo.language_info.name;

/** Other kernels whose cells are TypeScript; not all front ends write down a kernel's language. */
const typescriptKernels = [kernelspec.name, "tslab", "deno"];

/**
 * Refuses a notebook in another language, by its name. As in Jupyter, it is the kernelspec that decides, and the
 * language of the kernel that ran last where that is silent.
 */
export function checkLanguage(path: string, metadata: Readonly<Record<string, unknown>>): void {
  const spec = objectIn(metadata, "kernelspec");
  const name = textIn(spec, "name");
  if (name !== undefined && typescriptKernels.includes(name)) return;
  const found = textIn(spec, "language") ?? textIn(objectIn(metadata, "language_info"), "name");
  if (found === undefined && name === undefined) return;
  if (found?.toLowerCase() === language) return;
  const kernel = name === undefined ? "" : ` for the kernel ${JSON.stringify(name)}`;
  const what = found === undefined ? "a notebook" : `a notebook in ${found}`;
  refuse(path, `${what}${kernel}; Saddle runs TypeScript, and leaves it as it is`);
}

/** With what a notebook that says little of its kernel needs to be opened with it; what it says stays. */
export function withKernel(metadata: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const { name, file_extension, mimetype } = kernelInfo.language_info;
  const kernel = textIn(objectIn(metadata, "kernelspec"), "name") ?? kernelspec.name;
  const spec = kernel === kernelspec.name ? kernelspec : { display_name: kernel };
  return {
    ...metadata,
    kernelspec: completed(metadata["kernelspec"], ["name", "display_name"], spec),
    language_info: completed(metadata["language_info"], ["name"], { name, file_extension, mimetype }),
  };
}

/** What has the fields that nbformat requires is left as it is, and what is no object is left to be refused. */
function completed(found: unknown, required: readonly string[], defaults: object): unknown {
  if (found === undefined) return defaults;
  if (!isPlainObject(found) || required.every((name) => name in found)) return found;
  return { ...defaults, ...found };
}

function objectIn(x: Readonly<Record<string, unknown>>, name: string): Readonly<Record<string, unknown>> {
  const value = x[name];
  return isPlainObject(value) ? value : {};
}

function textIn(x: Readonly<Record<string, unknown>>, name: string): string | undefined {
  const value = x[name];
  return typeof value === "string" && value !== "" ? value : undefined;
}
