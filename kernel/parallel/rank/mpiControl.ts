import { createReadStream, writeSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { parentPort, workerData } from "node:worker_threads";
import { parallel } from "../../../lib";
import { interruptMain } from "../../session/cell/interrupt/interruption";
import { InterruptCounts } from "../../session/cell/interrupt/interruptCounts";
import { FrameReader, encodeFrame } from "../../contract/pipes";
import type { FromRank } from "../../contract/rankMessages";
import { decode, encode } from "../../contract/mpiMessages";
import type { ControlData, Deed, Order, Said } from "../../contract/mpiMessages";

/** The thread of a rank that hears and tells while the main one computes. Rank 0's is the way to the session. */
const idle = 3; // milliseconds
const stdin = 0;
const { channel: address, counts: shared, output } = workerData as ControlData;
const channel = new parallel.Channel(address);
const counts = new InterruptCounts(shared);
const { rank, size } = channel;

function carryOut(what: Deed): void {
  if (what.type === "interrupt") interruptMain(counts, process.pid);
  else if (what.type === "tell") parentPort?.postMessage(what.message);
  else process.kill(process.pid, "SIGKILL");
}

function tell(what: Deed, to: number | "all"): void {
  for (let other = 0; other < size; other++) {
    if (other !== rank && (to === "all" || to === other)) channel.send(encode(what), other);
  }
  if (to === "all" || to === rank) carryOut(what);
}

function passOn(said: Said): void {
  const frame = encodeFrame(said);
  for (let written = 0; written < frame.length;) {
    try {
      written += writeSync(output, frame, written);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EAGAIN") throw error;
    }
  }
}

function say(message: FromRank): void {
  if (rank === 0) passOn({ rank, message });
  else channel.send(encode({ rank, message }), 0);
}

function hear(bytes: Uint8Array): void {
  if (rank === 0) passOn(decode(bytes) as Said);
  else carryOut(decode(bytes) as Deed);
}

/** The session is gone: so are its ranks, once those of other machines have heard it. */
async function endAll(): Promise<void> {
  for (let other = 1; other < size; other++) channel.send(encode({ type: "end" }), other);
  await delay(200);
  carryOut({ type: "end" });
}

function hearSession(): void {
  const frames = new FrameReader<Order>();
  const session = createReadStream("", { fd: stdin });
  session.on("data", (chunk) => {
    for (const { to, what } of frames.read(chunk as Buffer)) tell(what, to);
  });
  session.on("close", () => void endAll());
  session.on("error", () => void endAll());
}

async function poll(): Promise<void> {
  for (;;) {
    for (let bytes = channel.receive(); bytes !== undefined; bytes = channel.receive()) hear(bytes);
    await delay(idle);
  }
}

parentPort?.on("message", say);
if (rank === 0) hearSession();
void poll();
