import { hasTag } from "./notebook";
import type { Cell } from "./notebook";

/** `hidden`: there for those who open it. */
export type Visibility = "shown" | "hidden" | "removed";

/** How a page shows a cell: by the tags of nbconvert and Jupyter Book, and as it was left in Jupyter. */
export function visibilityOf(cell: Cell): { readonly input: Visibility; readonly output: Visibility } {
  const { jupyter = {}, collapsed } = cell.metadata;
  const isTagged = (tag: string) => hasTag(cell, tag) || hasTag(cell, tag.replace("-", "_"));
  const of = (part: string, isHidden: boolean): Visibility => {
    if (isTagged("remove-cell") || isTagged(`remove-${part}`)) return "removed";
    return isHidden || isTagged("hide-cell") || isTagged(`hide-${part}`) ? "hidden" : "shown";
  };
  return {
    input: of("input", jupyter.source_hidden === true),
    output: of("output", jupyter.outputs_hidden === true || collapsed === true),
  };
}

/** Whether a page has nothing of a cell. */
export function isRemoved(cell: Cell): boolean {
  if (cell.cell_type !== "code") return hasTag(cell, "remove-cell") || hasTag(cell, "remove_cell");
  const { input, output } = visibilityOf(cell);
  return input === "removed" && output === "removed";
}
