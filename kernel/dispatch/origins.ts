import { createHash } from "node:crypto";
import type { Header, Request } from "../contract/messages";

interface Origin {
  readonly channel: Request["channel"];
  readonly identities: readonly string[];
  readonly header: Header;
  readonly allowStdin: unknown;
  readonly cell: string;
}

const cellId = "cellId";

/** The cell that a request executes: its id where the front end tells it, or else what stands for its text. */
export function cellOf({ metadata, content }: Request): string {
  const id = metadata[cellId];
  return typeof id === "string" ? id : createHash("sha1").update(String(content["code"])).digest("base64");
}

/**
 * What must be known of a request to send it, however late, what its cell shows and asks. The session is given it with
 * the cell, and hands it back with what happens: so it is kept by what may still happen, and by nothing else.
 */
export function originOf(request: Request): string {
  const { channel, identities, header, content } = request;
  const ids = identities.map((identity) => identity.toString("base64"));
  return JSON.stringify({
    channel,
    identities: ids,
    header,
    allowStdin: content["allow_stdin"],
    cell: cellOf(request),
  } satisfies Origin);
}

/** The way back from origins to requests, whose code is left out. */
export class Origins {
  private latest: { readonly origin: string; readonly request: Request | undefined } = {
    origin: "",
    request: undefined,
  };

  /** The same request as long as the same origin is asked for. */
  requestOf(origin: string): Request | undefined {
    if (origin !== this.latest.origin) this.latest = { origin, request: parse(origin) };
    return this.latest.request;
  }
}

function parse(origin: string): Request | undefined {
  if (origin === "") return undefined;
  const { channel, identities, header, allowStdin, cell } = JSON.parse(origin) as Origin;
  return {
    ...{ channel, header, metadata: { [cellId]: cell }, buffers: [] },
    identities: identities.map((identity) => Buffer.from(identity, "base64")),
    content: { allow_stdin: allowStdin },
  };
}
