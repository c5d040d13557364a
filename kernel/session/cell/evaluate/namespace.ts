import { variablesName } from "../output/traceback";

/** The variables of the notebook: properties of one object, the `exports` of all its cells. */
export class Namespace {
  readonly exports: Record<string, unknown> = withoutPrototype();

  /** Makes room for the variables of a cell that is about to run. */
  declare(names: readonly string[]): void {
    const added = names.filter((name) => !(name in this.exports));
    for (const name of added) this.exports[name] = undefined;
    if (added.length > 0) makeFast(this.exports);
  }

  /** Defines what a cell imports, which stays what the module has: the module may assign it. */
  readonly define = (name: string, get: () => unknown): void => {
    const set = (value: unknown) =>
      Object.defineProperty(this.exports, name, {
        value,
        writable: true,
        enumerable: true,
        configurable: true,
      });
    Object.defineProperty(this.exports, name, { get, set, enumerable: true, configurable: true });
  };

  names(): string[] {
    return Object.keys(this.exports);
  }

  clear(): void {
    for (const name of this.names()) Reflect.deleteProperty(this.exports, name);
  }
}

/** `Object.create(null)` would be a hash table, a property of which takes ten times as long to read as a variable. */
function withoutPrototype(): Record<string, unknown> {
  const named = { [Symbol.toStringTag]: variablesName };
  return new (constructorFor(Object.setPrototypeOf(named, null) as object))();
}

/**
 * V8 makes a hash table of an object to which many properties are added by name, too. One that is the prototype of
 * another it makes fast again when that is read.
 */
function makeFast(object: object): void {
  const heir = new (constructorFor(object))();
  for (let reading = 0; reading < 2; reading++) missingOf(heir);
}

function missingOf(object: Readonly<Record<string, unknown>>): unknown {
  return object["missing"];
}

function constructorFor(prototype: object): new () => Record<string, unknown> {
  const create = function () {
    // has no properties
  };
  create.prototype = prototype;
  return create as unknown as new () => Record<string, unknown>;
}
