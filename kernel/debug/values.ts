import type { Session } from "../contract/messages";

/** A value as V8's inspector tells of it. */
export interface RemoteObject {
  readonly type: string;
  readonly subtype?: string;
  readonly value?: unknown;
  readonly description?: string;
  readonly objectId?: string;
}

interface Property {
  readonly name: string;
  readonly value?: RemoteObject;
  readonly enumerable?: boolean;
}

export interface Variable {
  readonly name: string;
  readonly value: string;
  readonly type: string;
  readonly variablesReference: number;
  readonly evaluateName: string;
}

/** What the compiler and the session put into the scope of a cell. */
const hidden = /^(exports|require|module|__filename|__dirname|__saddle|__saddleScope|arguments)$/;

/** What V8's inspector is told to keep the values as, and to let them go by. */
export const valuesGroup = "saddle.values";

/** The values that a front end has been shown, by the numbers by which it may ask for what is in them. */
export class Values {
  private readonly session: Pick<Session, "inspect">;
  private readonly objects = new Map<number, string>();
  private shown = 0;

  constructor(session: Pick<Session, "inspect">) {
    this.session = session;
  }

  /** 0 for what has nothing in it. */
  reference({ objectId }: RemoteObject): number {
    if (objectId === undefined) return 0;
    this.objects.set(++this.shown, objectId);
    return this.shown;
  }

  /** Lets go of the values, which the session has kept for as long as the front end might ask. */
  async forget(): Promise<void> {
    if (this.objects.size === 0) return;
    this.objects.clear();
    await this.session.inspect("Runtime.releaseObjectGroup", { objectGroup: valuesGroup });
  }

  async variables(reference: number): Promise<Variable[]> {
    const objectId = this.objects.get(reference);
    if (objectId === undefined) return [];
    const { result } = await this.session.inspect<{ result: Property[] }>("Runtime.getProperties", {
      objectId,
      ownProperties: true,
    });
    const shown = result.filter(({ name, value }) => value !== undefined && !hidden.test(name));
    return shown.map(({ name, value }) => this.variable(name, value!));
  }

  private variable(name: string, value: RemoteObject): Variable {
    return {
      ...{ name, value: textOf(value), type: value.subtype ?? value.type },
      ...{ variablesReference: this.reference(value), evaluateName: name },
    };
  }
}

export function textOf({ type, value, description }: RemoteObject): string {
  if (type === "string") return JSON.stringify(value);
  return description ?? String(value);
}
