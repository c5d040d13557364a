import { readFileSync } from "node:fs";

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

export function readConnection(file: string): Connection {
  return { ...loopback, ...(JSON.parse(readFileSync(file, "utf8")) as object) } as Connection;
}

export function address(connection: Connection, name: PortName): string {
  const separator = connection.transport === "tcp" ? ":" : "-";
  return `${connection.transport}://${connection.ip}${separator}${connection[`${name}_port`]}`;
}
