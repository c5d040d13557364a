import type { CommEvent, Request } from "../contract/messages";

interface CommContent {
  readonly comm_id: string;
  readonly target_name?: string;
  readonly data: unknown;
}

/** The comms that are open, by their ids, with the name of what they lead to. */
export class OpenComms {
  private readonly targets = new Map<string, string>();

  /** Notes the opening or the closing, whichever side it comes from. */
  note({ type, id, target }: CommEvent): void {
    if (type === "comm_open") this.targets.set(id, target ?? "");
    if (type === "comm_close") this.targets.delete(id);
  }

  clear(): void {
    this.targets.clear();
  }

  info(target: string | undefined): object {
    const open = [...this.targets].filter(([, name]) => target === undefined || name === target);
    return { status: "ok", comms: Object.fromEntries(open.map(([id, name]) => [id, { target_name: name }])) };
  }
}

export function commEventOf({ header, content, metadata, buffers }: Request): CommEvent {
  const { comm_id: id, target_name: target, data } = content as unknown as CommContent;
  return { type: header.msg_type as CommEvent["type"], id, target, data, metadata, buffers, request: header };
}

export function commContentOf({ type, id, target, data }: CommEvent): object {
  return { comm_id: id, data, ...(type === "comm_open" ? { target_name: target } : {}) };
}
