import { closest } from "fastest-levenshtein";
import type { RegisteredMagic } from "../contract/messages";
import { augment } from "./augment";
import { condition } from "./condition";
import { devices } from "./devices";
import { helpOf, listOf } from "./help";
import { hessian } from "./hessian";
import type { Given, Magic, StandardMagic } from "./magic";
import { memory } from "./memory";
import { parallel } from "./parallel";
import { profile } from "./profile";
import { magicOf } from "./registered";
import { reset } from "./reset";
import { time } from "./time";
import { timeit } from "./timeit";
import { who } from "./who";

const standard: readonly StandardMagic[] = [
  hessian,
  condition,
  augment,
  devices,
  memory,
  time,
  timeit,
  profile,
  who,
  reset,
  parallel,
];

/** The one source of what magics there are: the standard ones, and those that cells have registered. */
export class MagicRegistry {
  private readonly magics: ReadonlyMap<string, Magic> = byName([
    ...standard,
    lsmagicOf(this),
    helpMagicOf(this),
  ]);
  private readonly registered = new Map<string, Magic>();

  all(): Magic[] {
    return [...new Map([...this.magics, ...this.registered]).values()];
  }

  find(name: string): Magic | undefined {
    return this.registered.get(name) ?? this.magics.get(name);
  }

  /** Throws an error that names the nearest, if there is none of that name. */
  named(name: string): Magic {
    const found = this.find(name);
    if (found !== undefined) return found;
    const names = this.all().map((magic) => magic.name);
    throw new Error(
      `There is no magic %${name}. Did you mean %${closest(name, names)}? (%lsmagic lists them.)`,
    );
  }

  register(magic: RegisteredMagic): void {
    this.registered.set(magic.name, magicOf(magic));
  }

  /** Forgets those that cells have registered. */
  forget(): void {
    this.registered.clear();
  }
}

function byName(magics: readonly Magic[]): Map<string, Magic> {
  return new Map(magics.map((magic) => [magic.name, magic]));
}

function lsmagicOf(registry: MagicRegistry): StandardMagic {
  return {
    name: "lsmagic",
    summary: "Lists the magics.",
    usage: "%lsmagic",
    arguments: "none",
    options: [],
    example: "%lsmagic",
    kinds: ["line"],
    expand: () => shown(listOf(registry.all())),
  };
}

function helpMagicOf(registry: MagicRegistry): StandardMagic {
  return {
    name: "help",
    summary: "Tells how a magic is used; without a name, lists them.",
    usage: "%help [name]",
    arguments: "text",
    options: [],
    example: "%help hessian",
    kinds: ["line"],
    expand({ expressions: [name] }: Given) {
      if (name === undefined) return shown(listOf(registry.all()));
      return shown(helpOf(registry.named(name.text.replace(/^%+/, ""))));
    },
  };
}

function shown(markdown: string): string[] {
  return [`__saddle.markdown(${JSON.stringify(markdown)})`];
}
