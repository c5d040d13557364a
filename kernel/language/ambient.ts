import { join } from "node:path";
import { copyingMethods } from "./es2023";

const typeOf = (file: string, name: string) => `import(${JSON.stringify(join(__dirname, file))}).${name}`;
const display = "../../lib/util/display";
const globals = "../session/globals";

/** What every cell has without importing it, as the compiler is told. The session puts it in place. */
export const ambientDeclarations = `
declare const display: typeof ${typeOf(display, "display")};
declare const clearOutput: typeof ${typeOf(display, "clearOutput")};
declare const input: typeof ${typeOf("../../lib/util/input", "input")};
declare const comms: ${typeOf(globals, "Comms")};
declare const widgets: ${typeOf(globals, "Widgets")};
declare const magics: ${typeOf(globals, "Magics")};
declare const __saddle: ${typeOf(globals, "Runtime")};
${copyingMethods}
`;
