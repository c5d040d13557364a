import { spawnSync } from "node:child_process";

// Not the first python3 of the path, but the one that has Debian's Jupyter.
const python = "/usr/bin/python3";
const script = `
import json, sys, warnings
import nbformat
warnings.simplefilter("error")
for notebook in json.load(sys.stdin):
    try:
        nbformat.validate(notebook)
        print(json.dumps(None))
    except Exception as error:
        print(json.dumps(str(error)))
`;

/** What Jupyter's own nbformat has against each of these notebooks; null where it has nothing. */
export function faultsIn(notebooks: readonly object[]): (string | null)[] {
  const input = JSON.stringify(notebooks);
  const { stdout, stderr, status } = spawnSync(python, ["-c", script], { input, encoding: "utf8" });
  if (status !== 0) throw new Error(stderr);
  const lines = stdout.trim().split("\n");
  return lines.map((line) => JSON.parse(line) as string | null);
}

/** A notebook that has stored what was published as outputs, as JupyterLab stores it: all but what is transient. */
export function notebookStoring(
  outputs: readonly { readonly type: string; readonly content: object }[],
): object {
  const stored = outputs.map(({ type, content }) => {
    const rest = Object.entries(content).filter(([name]) => name !== "transient");
    return {
      output_type: type === "update_display_data" ? "display_data" : type,
      ...Object.fromEntries(rest),
    };
  });
  const cell = { cell_type: "code", id: "a", metadata: {}, source: "", execution_count: 1, outputs: stored };
  return { nbformat: 4, nbformat_minor: 5, metadata: {}, cells: [cell] };
}
