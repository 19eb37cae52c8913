/** A coturn of the test's own on loopback: no files but those it is given, gone with the test. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { connect } from "node:net";
import { freeTcpPort } from "../../../scripts/ports.ts";

export interface Coturn {
  readonly port: number;
  readonly cli: { readonly host: string; readonly port: number; readonly password: string };
  stop(): Promise<void>;
}

const host = "127.0.0.1";

/** `options` choose how coturn authenticates. */
export async function startCoturn(options: readonly string[]): Promise<Coturn> {
  const [port, cliPort] = [await freeTcpPort(), await freeTcpPort()];
  const password = "password-of-the-test";
  const child: ChildProcess = spawn(
    "turnserver",
    [
      "-n",
      `--listening-ip=${host}`,
      `--relay-ip=${host}`,
      `--listening-port=${port}`,
      "--realm=satsuma",
      "--fingerprint",
      "--no-tls",
      "--no-dtls",
      // Peers on loopback are what a relay must refuse everywhere but in a test.
      "--allow-loopback-peers",
      `--cli-ip=${host}`,
      `--cli-port=${cliPort}`,
      `--cli-password=${password}`,
      "--log-file=stdout",
      "--pidfile=/dev/null",
      ...options,
    ],
    { stdio: ["ignore", "pipe", "pipe"] },
  );
  let log = "";
  child.stdout?.on("data", (bytes) => (log += bytes));
  child.stderr?.on("data", (bytes) => (log += bytes));
  const exited = once(child, "exit");
  const state = { running: true };
  void exited.then(() => (state.running = false));
  while (!(await accepts(port)) || !(await accepts(cliPort))) {
    if (!state.running) throw new Error(`coturn did not start:\n${log}`);
  }
  return {
    port,
    cli: { host, port: cliPort, password },
    async stop() {
      child.kill("SIGKILL");
      await exited;
    },
  };
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port });
    socket.once("connect", () => {
      socket.destroy();
      resolve(true);
    });
    // A refusal comes at once; asking again at once would only burn the time in which coturn starts.
    socket.once("error", () => setTimeout(() => resolve(false), 50));
  });
}
