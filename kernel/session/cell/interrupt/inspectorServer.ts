import { Session } from "node:inspector";
import type { InspectorNotification } from "node:inspector";
import { Socket } from "node:net";
import { createInterface } from "node:readline";
import { debuggers, isStopping } from "./stopMain";
import { descriptors } from "../../../contract/pipes";
import type { InspectorMessage } from "../../../contract/pipes";

const cellName = /^\w+\[\d+\]$/;

/**
 * Lets the kernel talk to the inspector of the session's main thread, from the alarm's thread, which goes
 * on while the main one is paused: a line of JSON a message, in both directions.
 */
export function serveInspector(): void {
  const kernel = new Socket({ fd: descriptors.inspector, readable: true, writable: true });
  kernel.on("error", () => undefined);
  const say = (message: InspectorMessage) => void kernel.write(`${JSON.stringify(message)}\n`);
  // A session that is attached slows the main thread down, so that there is none until it is needed.
  let session: Session | undefined;
  createInterface({ input: kernel }).on("line", (line) => {
    const { id, method = "", params } = JSON.parse(line) as InspectorMessage;
    session ??= attach(say);
    session.post(method, params, (error, result) =>
      say({ id, ...(error === null ? { result: result ?? {} } : { error: error.message }) }),
    );
  });
}

function attach(say: (message: InspectorMessage) => void): Session {
  const session = new Session();
  debuggers.areAttached = true;
  session.connectToMainThread();
  session.on("inspectorNotification", ({ method, params }: InspectorNotification<object>) => {
    if (isAboutCells(method, params) && !isForStop(method)) say({ method, params });
  });
  return session;
}

/** An interrupt is none of the debugger's business. */
function isForStop(method: string): boolean {
  return isStopping() && (method === "Debugger.paused" || method === "Debugger.resumed");
}

/** Node itself has hundreds of scripts, and what cells log is told otherwise. */
function isAboutCells(method: string, params: object): boolean {
  if (!method.startsWith("Debugger.")) return false;
  return method !== "Debugger.scriptParsed" || cellName.test((params as { url: string }).url);
}
