import { execFileSync } from "node:child_process";
import { copyFileSync, cpSync, mkdirSync, writeFileSync } from "node:fs";
import { homedir, platform } from "node:os";
import { basename, join } from "node:path";
import { figuresFile } from "../../lib/util/figuresScript";
import { packageFolder } from "../folders";

/** A saddle: two parabolas that meet at a critical point, one turned up and one down. As a drawing, and as pictures. */
const logos = join(packageFolder, "assets", "logo");

/** Where Jupyter looks for the kernels of one user. */
export function userFolder(): string {
  const chosen = process.env["JUPYTER_DATA_DIR"];
  if (chosen !== undefined) return chosen;
  if (platform() === "darwin") return join(homedir(), "Library", "Jupyter");
  if (platform() === "win32") return join(process.env["APPDATA"] ?? homedir(), "jupyter");
  return join(process.env["XDG_DATA_HOME"] ?? join(homedir(), ".local", "share"), "jupyter");
}

/** The prefix of the Python environment that is active. */
export function pythonPrefix(): string {
  const active = process.env["VIRTUAL_ENV"] ?? process.env["CONDA_PREFIX"];
  if (active !== undefined) return active;
  return execFileSync("python3", ["-c", "import sys; print(sys.prefix)"], { encoding: "utf8" }).trim();
}

export function prefixFolder(prefix: string): string {
  return join(prefix, "share", "jupyter");
}

/** Where below one of Jupyter's data folders the kernel's own is. */
export function kernelFolder(dataFolder: string): string {
  return join(dataFolder, "kernels", "saddle");
}

/** Writes the kernelspec below one of Jupyter's data folders, and returns where. */
export function installKernelspec(dataFolder: string, program: string): string {
  const folder = kernelFolder(dataFolder);
  const spec = {
    argv: [process.execPath, program, "kernel", "{connection_file}"],
    display_name: "TypeScript (Saddle)",
    language: "typescript",
    interrupt_mode: "message",
    metadata: { debugger: true },
  };
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "kernel.json"), `${JSON.stringify(spec, null, 2)}\n`);
  cpSync(logos, folder, { recursive: true });
  // Jupyter's servers give a kernelspec's files to their pages: so figures are drawn without a message that carries this.
  copyFileSync(figuresFile, join(folder, basename(figuresFile)));
  return folder;
}
