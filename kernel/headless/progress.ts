import { Presets, SingleBar } from "cli-progress";
import { textOf } from "./notebook";
import type { Cell } from "./notebook";
import type { RunListener } from "./runner";

const titleLength = 48;

export interface Progress extends RunListener {
  end(): void;
}

/** A bar on a terminal, a line a cell elsewhere. */
export function showProgress(name: string, count: number, output: NodeJS.WriteStream): Progress {
  return output.isTTY ? barProgress(name, count) : lineProgress(name, count, output);
}

function barProgress(name: string, count: number): Progress {
  const format = `${name} {bar} {value}/{total} | {title}`;
  const bar = new SingleBar({ format, hideCursor: true, stopOnComplete: false }, Presets.shades_classic);
  bar.start(count, 0, { title: "" });
  return {
    started: (cell) => bar.update({ title: titleOf(cell) }),
    finished: (_cell, index) => bar.update(index + 1),
    end: () => bar.stop(),
  };
}

function lineProgress(name: string, count: number, output: NodeJS.WriteStream): Progress {
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

/** The first line of a cell that says something. */
function titleOf(cell: Cell): string {
  const lines = textOf(cell.source)
    .split("\n")
    .map((line) => line.trim());
  const title = lines.find((line) => line !== "") ?? "";
  return title.length > titleLength ? `${title.slice(0, titleLength - 1)}…` : title;
}
