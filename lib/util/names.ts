/** Names that come from files and become the keys of objects. */
import { describe, refuse } from "./errors";

/** In an object, such a name leads to what all objects share; and a tree is made of objects. */
const leadsOut = /(?:^|\.)(__proto__|constructor)(?:\.|$)/;

/** Refuses a name with dots, of a tensor in a tree, that would lead out of the tree. */
export function checkTreeName(where: string, file: string, path: string): void {
  const [, name] = leadsOut.exec(path) ?? [];
  if (name === undefined) return;
  refuse(where, `${file} has the entry ${describe(path)}: ${name} cannot be a name in a tree; rename it`);
}

/** Refuses the one name that an object cannot have as its own in every way of making it. */
export function checkFieldName(where: string, file: string, name: string): void {
  if (name !== "__proto__") return;
  refuse(where, `${file} has an entry named __proto__, which no object can hold; rename it`);
}
