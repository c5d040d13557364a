import type { Diagnostic } from "tslab/dist/converter";

const unnameableVariable = new Set([4023, 4025]);
const importedModule = /^\s*=\s*await import\((["'])([^"']+)\1\)/;

/**
 * The types of a cell's variables are written down for the cells that follow, which is an error where a
 * type has no name that could be written. Such a variable is declared to be of a type that has.
 */
export function annotateUnnameable(text: string, diagnostics: readonly Diagnostic[]): string {
  const ends = diagnostics.filter(({ code }) => unnameableVariable.has(code)).map(({ end }) => end.offset);
  let annotated = text;
  for (const end of [...new Set(ends)].sort((a, b) => b - a)) {
    const rest = text.slice(end);
    if (!/^\s*=/.test(rest)) continue;
    annotated = `${annotated.slice(0, end)}: ${typeFor(rest)}${annotated.slice(end)}`;
  }
  return annotated;
}

function typeFor(initializer: string): string {
  const [, , name] = importedModule.exec(initializer) ?? [];
  if (name === undefined) return "any";
  const module = `typeof import(${JSON.stringify(name)})`;
  return `${module} & { readonly default: ${module} }`;
}
