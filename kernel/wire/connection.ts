import { readFileSync } from "node:fs";
import { describe, refuse } from "../../lib/util/errors";
import { isPlainObject } from "../../lib/util/trees";

/** A Jupyter connection file. */
export interface Connection {
  readonly transport: "tcp" | "ipc";
  readonly ip: string;
  readonly key: string;
  readonly signature_scheme: string;
  readonly shell_port: number;
  readonly control_port: number;
  readonly stdin_port: number;
  readonly iopub_port: number;
  readonly hb_port: number;
}

export type PortName = "shell" | "control" | "stdin" | "iopub" | "hb";

const loopback = { transport: "tcp", ip: "127.0.0.1", key: "", signature_scheme: "hmac-sha256" };

const portNames: readonly PortName[] = ["shell", "control", "stdin", "iopub", "hb"];

/** Refuses by its path what is no connection file. */
export function readConnection(file: string): Connection {
  const connection = { ...loopback, ...parsed(file) };
  for (const name of Object.keys(loopback)) checkField(file, connection, name, isString);
  for (const name of portNames) checkField(file, connection, `${name}_port`, Number.isSafeInteger);
  return connection as unknown as Connection;
}

function parsed(file: string): Record<string, unknown> {
  let fields: unknown;
  try {
    fields = JSON.parse(readFileSync(file, "utf8"));
  } catch (error) {
    refuse(file, `no connection file (${(error as Error).message})`);
  }
  return isPlainObject(fields) ? fields : refuse(file, `no connection file, it holds ${describe(fields)}`);
}

function isString(x: unknown): boolean {
  return typeof x === "string";
}

function checkField(
  file: string,
  connection: Readonly<Record<string, unknown>>,
  name: string,
  isRight: (x: unknown) => boolean,
): void {
  if (!isRight(connection[name]))
    refuse(file, `no connection file, its ${name} is ${describe(connection[name])}`);
}

export function address(connection: Connection, name: PortName): string {
  const separator = connection.transport === "tcp" ? ":" : "-";
  return `${connection.transport}://${connection.ip}${separator}${connection[`${name}_port`]}`;
}
