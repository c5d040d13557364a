import { checkOptions, describe, refuse } from "../../../../lib/util/errors";
import type { RegisteredMagic } from "../../../contract/messages";
import type { MagicDescription, MagicOption, Magics } from "../../../contract/globals";

type Run = (...args: never[]) => unknown;

const identifier = /^[A-Za-z_]\w*$/;
const takes = ["nothing", "expression", "function at point", "cell"];
const optionTypes = ["flag", "expression", "word", "words"];

/** The magics that cells have registered; cells know it as `magics`. */
export class UserMagics implements Magics {
  private readonly runs = new Map<string, Run>();
  private readonly announce: (magic: RegisteredMagic) => void;

  constructor(announce: (magic: RegisteredMagic) => void) {
    this.announce = announce;
  }

  register(name: string, run: Run, description: MagicDescription): void {
    if (!identifier.test(name))
      refuse("magics.register", `name must be a word, such as "sketch", got ${describe(name)}`);
    if (typeof run !== "function") refuse("magics.register", `run must be a function, got ${describe(run)}`);
    checkDescription(description);
    const { summary, takes: what = "expression", options = [] } = description;
    this.runs.set(name, run);
    this.announce({ name, summary, takes: what, options });
  }

  run(name: string): Run {
    const run = this.runs.get(name);
    return run ?? refuse(`%${name}`, "its function is gone; run the cell that registers it again");
  }
}

function checkDescription(description: MagicDescription): void {
  checkOptions("magics.register", description, ["summary", "takes", "options"]);
  const { summary, takes: what = "expression", options = [] } = description;
  if (typeof summary !== "string")
    refuse("magics.register", `summary must be a string, got ${describe(summary)}`);
  if (!takes.includes(what))
    refuse("magics.register", `takes must be one of ${takes.join(", ")}, got ${describe(what)}`);
  for (const option of options) checkOption(option);
}

function checkOption(option: MagicOption): void {
  checkOptions("magics.register", option, ["name", "type", "help"]);
  if (!/^[a-z][\w-]*$/.test(option.name))
    refuse("magics.register", `an option's name must be such as "top-k", got ${describe(option.name)}`);
  if (!optionTypes.includes(option.type))
    refuse("magics.register", `type must be one of ${optionTypes.join(", ")}, got ${describe(option.type)}`);
}
