/** Faults planted in the planner, each of which the search for graphs that a plan computes wrongly has to find. */
import { readFileSync } from "node:fs";
import { Module } from "node:module";
import { join } from "node:path";

export interface Mutant {
  /** What is wrong with it. */
  readonly fault: string;
  /** The module, from the root of the library, and what is put in the place of what stands there once. */
  readonly file: string;
  readonly from: string;
  readonly to: string;
}

export const mutants: readonly Mutant[] = [
  {
    fault: "a window begins one element late",
    file: "ops/view",
    from: "shifted)((0, affine_1.times)(a, steps[d]), starts[d])",
    to: "shifted)((0, affine_1.times)(a, steps[d]), starts[d] + 1)",
  },
  {
    fault: "a window's start is passed in other units than it is read in",
    file: "graph/places",
    from: "Math.ceil(shape[axis] / unit)), unit)",
    to: "Math.ceil(shape[axis] / unit)), 1)",
  },
  {
    fault: "windows in other units share a plan",
    file: "graph/canonical",
    from: "[window.attribute]: window.units",
    to: "[window.attribute]: 0",
  },
  {
    fault: "windows along two axes share what is passed for their starts",
    file: "graph/expressions",
    from: "`start ${window} ${axis}`",
    to: "`start ${window}`",
  },
  {
    fault: "the strides of what is loaded are swapped",
    file: "graph/expressions",
    from: 'kind: "load", slot, index: (0, affine_1.linear)(at, (0, shapes_1.stridesOf)(node.shape))',
    to: 'kind: "load", slot, index: (0, affine_1.linear)(at, (0, shapes_1.stridesOf)(node.shape).reverse())',
  },
  {
    fault: "dimensions are joined whose strides do not fit",
    file: "loops/space",
    from: "so === si * innerSize",
    to: "so >= si",
  },
  {
    fault: "what a view pads is not guarded",
    file: "graph/expressions",
    from: "!read.conditions?.length",
    to: "true",
  },
  {
    fault: "a guard lets one element too many through",
    file: "ops/view",
    from: "size: spread(shape[d], between[d]) });",
    to: "size: spread(shape[d], between[d]) + 1 });",
  },
  {
    fault: "gaps between elements are not guarded",
    file: "ops/view",
    from: "conditions.push({ coordinate: inner, size: 1 });",
    to: "",
  },
  {
    fault: "a maximum begins at zero",
    file: "scalar/combiner",
    from: "ofRange(0, -Infinity)",
    to: "() => 0",
  },
  {
    fault: "a minimum begins at the least number",
    file: "scalar/combiner",
    from: "ofRange(1, Infinity)",
    to: "ofRange(0, -Infinity)",
  },
  {
    fault: "a quotient is taken for exact although its remainder may be as large as the divisor",
    file: "loops/affine",
    from: "if (low >= 0 && high < n)",
    to: "if (low >= 0 && high <= n)",
  },
  {
    fault: "a quotient and a remainder of other factors are joined",
    file: "loops/affine",
    from: "t.sym.id === quotient && t.coefficient === coefficient * sym.by",
    to: "t.sym.id === quotient",
  },
  {
    fault: "neighbours are read together across the end of a row",
    file: "loops/affine",
    from: "inner === 1 && sym.by % lanes === 0 && ",
    to: "inner === 1 && ",
  },
  {
    fault: "neighbours are read together from anywhere on",
    file: "loops/affine",
    from: "if (a.offset % lanes !== 0)",
    to: "if (false)",
  },
  {
    fault: "a buffer is given back that a result lies in",
    file: "graph/plan",
    from: "if (!held.has(t))",
    to: "if (true)",
  },
  {
    fault: "a buffer is given back one step before it is read last",
    file: "graph/plan",
    from: "lastUse.set(input.temporary, s);",
    to: "lastUse.set(input.temporary, Math.max(s - 1, 0));",
  },
  {
    fault: "steps run before what they read is there",
    file: "graph/schedule",
    from: "if (waitsFor[s] === 0)",
    to: "if (waitsFor[s] <= 1)",
  },
  {
    fault: "the parts of a long row overlap",
    file: "graph/plan",
    from: "affine_1.times)(chunk, length)",
    to: "affine_1.times)(chunk, length - 1)",
  },
  {
    fault: "a view that changes the order is taken for one that keeps it",
    file: "graph/plan",
    from: "if (!same || read.conditions?.length)",
    to: "if (read.conditions?.length)",
  },
  {
    fault: "a kernel takes its root for in the order of its reduction",
    file: "graph/places",
    from: "return (0, affine_1.keyOf)(mine) === (0, affine_1.keyOf)(whole);",
    to: "return true;",
  },
  {
    fault: "what a kernel needs at two places is computed at one",
    file: "graph/expressions",
    from: '`${i}@${at.map(affine_1.keyOf).join("|")}`',
    to: "`${i}`",
  },
  {
    fault: "two gathers of a kernel read at the places of one",
    file: "graph/expressions",
    from: "`value${name}`",
    to: "`value`",
  },
  {
    fault: "temporaries are taken for one another",
    file: "graph/expressions",
    from: "s.temporary === buffer.temporary",
    to: "true",
  },
  {
    fault: "kernels read more than can be bound",
    file: "graph/width",
    from: "while (set.size > limit)",
    to: "while (set.size > limit + 1)",
  },
  {
    fault: "numbers that are passed are taken for one another",
    file: "graph/expressions",
    from: "`scalar ${scalar}`",
    to: "`scalar`",
  },
  {
    fault: "rows are taken for those of other axes",
    file: "graph/chains",
    from: "&& a.axes.join() === b.axes.join()",
    to: "",
  },
];

const library = join(__dirname, "../../lib");

/** Plants the fault in the library, which must not be loaded yet. Throws where the text that it is put in is not there once. */
export function plant({ file, from, to }: Mutant): void {
  const path = join(library, `${file}.js`);
  if (readFileSync(path, "utf8").split(from).length !== 2) {
    throw new Error(`lib/${file} has no longer, or more than once: ${from}`);
  }
  const loading = Module.prototype as unknown as { _compile: (source: string, name: string) => unknown };
  const compile = loading._compile;
  loading._compile = function (source, name) {
    return compile.call(this, name === path ? source.replace(from, () => to) : source, name);
  };
}
