import type { Magics } from "../messages";
import { completeMagic, inspectMagic } from "./assist";
import { expandCell, expandUnfinishedCell } from "./expand";

export const standardMagics: Magics = {
  expand: expandCell,
  expandUnfinished: expandUnfinishedCell,
  complete: completeMagic,
  inspect: inspectMagic,
};
