import { Dispatch } from "./dispatch/dispatch";
import { History, historyFile } from "./dispatch/history";
import { createMagics } from "./magics";
import type { Audience, Language } from "./messages";
import { SessionProcess } from "./session/session";
import { readConnection } from "./wire/connection";
import { Wire } from "./wire/wire";

/** Where the parts of the kernel are joined. */
export function createDispatch(
  audience: Audience,
  language: Language,
  history = new History(undefined),
  onShutdown: () => void = () => undefined,
): Dispatch {
  const startSession = (listener: ConstructorParameters<typeof SessionProcess>[0]) =>
    new SessionProcess(listener);
  return new Dispatch({ audience, language, history, onShutdown, magics: createMagics(), startSession });
}

/** Serves the front ends that know the connection file. */
export async function serve(connectionFile: string, language: Language): Promise<void> {
  const wire = new Wire(readConnection(connectionFile));
  const dispatch = createDispatch(wire, language, new History(historyFile()), () => void shutdown());
  const shutdown = async () => {
    await dispatch.close();
    await wire.close();
    process.exit();
  };
  process.on("SIGINT", () => dispatch.interrupt());
  process.on("SIGTERM", () => void shutdown());
  await wire.open((request) => dispatch.receive(request));
  wire.publish({ parent: undefined, type: "status", content: { execution_state: "starting" } });
}
