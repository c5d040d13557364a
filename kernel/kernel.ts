import { Dispatch } from "./dispatch/dispatch";
import { History, historyFile } from "./dispatch/history";
import { createMagics } from "./magics";
import type { Audience, Language } from "./contract/messages";
import { SessionProcess } from "./session/host/sessionProcess";
import type { Wire } from "./wire/wire";

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

/** Serves the front ends at the other end of the wire, which is bound. */
export function serve(wire: Wire, language: Language): void {
  const dispatch = createDispatch(wire, language, new History(historyFile()), () => void shutdown());
  const shutdown = async () => {
    await dispatch.close();
    await wire.close();
    process.exit();
  };
  process.on("SIGINT", () => dispatch.interrupt());
  process.on("SIGTERM", () => void shutdown());
  wire.listen((request) => dispatch.receive(request));
  wire.publish({ parent: undefined, type: "status", content: { execution_state: "starting" } });
}
