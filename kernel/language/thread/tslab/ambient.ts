import { join } from "node:path";
import { kernelFolder, libraryFolder } from "../../../folders";

const typeOf = (file: string, name: string) => `import(${JSON.stringify(file)}).${name}`;
const ofLibrary = (file: string, name: string) => typeOf(join(libraryFolder, "util", file), name);
const ofCells = (name: string) => typeOf(join(kernelFolder, "contract", "globals"), name);

/** What every cell has without importing it, as the compiler is told. The session puts it in place. */
export const ambientDeclarations = `
declare const display: typeof ${ofLibrary("display", "display")};
declare const clearOutput: typeof ${ofLibrary("display", "clearOutput")};
declare const input: typeof ${ofLibrary("input", "input")};
declare const comms: ${ofCells("Comms")};
declare const widgets: ${ofCells("Widgets")};
declare const magics: ${ofCells("Magics")};
declare const __saddle: ${ofCells("Runtime")};
`;
