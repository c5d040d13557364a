import { join } from "node:path";
import { kernelFolder, libraryFolder } from "../../../folders";
import { webAssembly } from "./webAssembly";

const typeOf = (file: string, name: string) => `import(${JSON.stringify(file)}).${name}`;
const ofLibrary = (file: string, name: string) => typeOf(join(libraryFolder, "util", file), name);
const ofCells = (name: string) => typeOf(join(kernelFolder, "contract", "globals"), name);

/** What every cell has without importing it, as the compiler is told. The session puts it in place. */
export const ambientDeclarations = `
declare var display: typeof ${ofLibrary("display", "display")};
declare var clearOutput: typeof ${ofLibrary("display", "clearOutput")};
declare var input: typeof ${ofLibrary("input", "input")};
declare var comms: ${ofCells("Comms")};
declare var widgets: ${ofCells("Widgets")};
declare var magics: ${ofCells("Magics")};
declare const __saddle: ${ofCells("Runtime")};
${webAssembly}
`;
