import type { Diagnostic as TslabDiagnostic } from "tslab/dist/converter";
import type { Diagnostic } from "../../../contract/messages";
import { unnameable } from "../tslab/typescript";

const importedModule = /^\s*=\s*await import\((["'])([^"']+)\1\)/;

/** A type that is written behind a variable's name, which ends at `place`. */
export interface Annotation {
  readonly place: number;
  readonly text: string;
}

/**
 * The types of a cell's variables are written down for the cells that follow, which is an error where a
 * type has no name that could be written. Such a variable is declared to be of a type that has.
 */
export function annotationsOf(text: string, diagnostics: readonly TslabDiagnostic[]): Annotation[] {
  const places = diagnostics.filter(({ code }) => unnameable.has(code)).map(({ end }) => end.offset);
  return [...new Set(places)]
    .sort((a, b) => a - b)
    .flatMap((place) => {
      const rest = text.slice(place);
      return /^\s*=/.test(rest) ? [{ place, text: `: ${typeFor(rest)}` }] : [];
    });
}

export function annotated(text: string, annotations: readonly Annotation[]): string {
  return annotations.reduceRight(
    (written, { place, text: type }) => written.slice(0, place) + type + written.slice(place),
    text,
  );
}

/** What was found in the annotated text, at its places in the text without. */
export function withoutAnnotations(found: Diagnostic, annotations: readonly Annotation[]): Diagnostic {
  const original = (place: number) => {
    let left = place;
    for (const { place: at, text } of annotations) {
      if (left > at) left = Math.max(at, left - text.length);
    }
    return left;
  };
  return { ...found, start: original(found.start), end: original(found.end) };
}

function typeFor(initializer: string): string {
  const [, , name] = importedModule.exec(initializer) ?? [];
  if (name === undefined) return "any";
  const module = `typeof import(${JSON.stringify(name)})`;
  return `${module} & { readonly default: ${module} }`;
}
