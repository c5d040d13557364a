import type { MagicExpander } from "../contract/messages";
import { completeMagic, inspectArguments, inspectMagic } from "./assist";
import { expandCell, expandUnfinishedCell } from "./expand";
import { MagicRegistry } from "./registry";

/** The magics of one notebook. */
export function createMagics(): MagicExpander {
  const registry = new MagicRegistry();
  return {
    expand: (source) => expandCell(source, registry),
    expandUnfinished: (source) => expandUnfinishedCell(source, registry),
    complete: (source, offset) => completeMagic(source, offset, registry),
    inspect: (source, offset) => inspectMagic(source, offset, registry),
    inspectArguments: (source, offset) => inspectArguments(source, offset, registry),
    register: (magic) => registry.register(magic),
    forget: () => registry.forget(),
  };
}
