import { Presets, SingleBar } from "cli-progress";
import { textOf } from "./notebook";
import type { Cell } from "./notebook";
import type { RunListener } from "./runner";

const titleLength = 48;

export interface Progress extends RunListener {
  end(): void;
}

/** A bar on a terminal; elsewhere a line for each cell, or for the whole where it is one of many. */
export function showProgress(
  name: string,
  count: number,
  output: NodeJS.WriteStream,
  isOneOfMany: boolean,
): Progress {
  if (output.isTTY) return barProgress(name, count);
  return isOneOfMany ? wholeProgress(name, count, output) : cellProgress(name, count, output);
}

function barProgress(name: string, count: number): Progress {
  const format = `${name} {bar} {value}/{total} | {duration_formatted} | {title}`;
  const bar = new SingleBar({ format, hideCursor: true, stopOnComplete: false }, Presets.shades_classic);
  bar.start(count, 0, { title: "" });
  return {
    started: (cell) => bar.update({ title: titleOf(cell) }),
    finished: (_cell, index) => bar.update(index + 1),
    end() {
      bar.update({ title: "" });
      bar.stop();
    },
  };
}

function cellProgress(name: string, count: number, output: NodeJS.WriteStream): Progress {
  let start = 0;
  return {
    started: () => (start = performance.now()),
    finished(cell, index) {
      const seconds = ((performance.now() - start) / 1000).toFixed(1);
      output.write(`${name} [${index + 1}/${count}] ${seconds} s  ${titleOf(cell)}\n`);
    },
    end: () => undefined,
  };
}

function wholeProgress(name: string, count: number, output: NodeJS.WriteStream): Progress {
  const start = performance.now();
  return {
    started: () => undefined,
    finished: () => undefined,
    end() {
      const seconds = ((performance.now() - start) / 1000).toFixed(1);
      output.write(`${name}  ${count} cells  ${seconds} s\n`);
    },
  };
}

/** The first line of a cell that says something. */
function titleOf(cell: Cell): string {
  const lines = textOf(cell.source)
    .split("\n")
    .map((line) => line.trim());
  const title = lines.find((line) => line !== "") ?? "";
  return title.length > titleLength ? `${title.slice(0, titleLength - 1)}…` : title;
}
