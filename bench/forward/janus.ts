/** Janus from Debian's package: its video room over its WebSocket API. */
import { randomBytes } from "node:crypto";
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { networkInterfaces, tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { ensurePackages } from "../../scripts/debian.ts";
import { type Contender, MissingError } from "./contender.ts";
import { cores, start, stopProcess } from "./process.ts";

/** Janus (1.1) gathers no address of a loopback interface, so this one is on another (namespace.ts). */
export const janusAddress = "127.1.0.1";
const room = 1234;
const feed = 1;
const startLimit = 10_000;
/** The folders of Debian's packages, one for each architecture. */
const libraries = "/usr/lib";

export function ensureJanus(): void {
  ensurePackages({ purpose: "Janus' numbers", probe: ["janus", "--help"], packages: ["janus"] });
}

export const janus: Contender = {
  name: "Janus",
  async start() {
    if (!networkInterfaces().media)
      throw new MissingError("it needs a network of its own, which only root on Linux may make.");
    const directory = mkdtempSync(join(tmpdir(), "satsuma-bench-"));
    const port = await freeTcpPort();
    writeConfiguration(directory, port);
    const { process: child, said } = start("janus", ["--configs-folder", directory], cores.contender);
    const stop = async () => {
      await stopProcess(child);
      rmSync(directory, { recursive: true, force: true });
    };
    try {
      const api = await Api.connect(`ws://127.0.0.1:${port}`);
      const publisher = await api.attach();
      const created = { request: "create", room, publishers: 1, bitrate: 1_000_000_000, videocodec: "vp8" };
      await publisher.message(created);
      return {
        pids: [child.pid ?? 0],
        address: janusAddress,
        async publish(offer) {
          await publisher.message({ request: "join", ptype: "publisher", room, id: feed });
          return (await publisher.message({ request: "publish" }, { type: "offer", sdp: offer })).sdp;
        },
        async pull() {
          await api.up;
          const subscriber = await api.attach();
          const { sdp } = await subscriber.message({ request: "join", ptype: "subscriber", room, streams: [{ feed }] });
          return {
            offer: sdp,
            async answered(answer) {
              await subscriber.message({ request: "start" }, { type: "answer", sdp: answer });
            },
          };
        },
        async stop() {
          api.close();
          await stop();
        },
      };
    } catch (error) {
      await stop();
      throw new Error(`Janus did not start: ${said.text}`, { cause: error });
    }
  },
};

/** Plugins and transports that are not named would be loaded too, and each brings threads of its own. */
function writeConfiguration(directory: string, port: number): void {
  const root = readdirSync(libraries).map((name) => join(libraries, name, "janus"));
  const [home = ""] = root.filter((path) => {
    try {
      return readdirSync(path).length > 0;
    } catch {
      return false;
    }
  });
  const others = (kind: string, kept: string) =>
    readdirSync(join(home, kind))
      .filter((name) => name.endsWith(".so") && !name.includes(kept))
      .join(",");
  mkdirSync(directory, { recursive: true });
  writeFileSync(
    join(directory, "janus.jcfg"),
    `general: { debug_level = 2  plugins_folder = "${home}/plugins"  transports_folder = "${home}/transports"  events_folder = "${home}/events" }
nat: { ice_enforce_list = "${janusAddress}"  full_trickle = false }
plugins: { disable = "${others("plugins", "videoroom")}" }
transports: { disable = "${others("transports", "websockets")}" }
`,
  );
  writeFileSync(
    join(directory, "janus.transport.websockets.jcfg"),
    `general: { json = "compact"  ws = true  ws_port = ${port}  ws_ip = "127.0.0.1"  wss = false }\nadmin: { admin_ws = false }\n`,
  );
  writeFileSync(join(directory, "janus.plugin.videoroom.jcfg"), "general: { }\n");
}

interface Message {
  readonly janus: string;
  readonly transaction?: string;
  readonly data?: { readonly id: number };
  readonly plugindata?: { readonly data: { readonly error?: string } };
  readonly jsep?: { readonly sdp: string };
  readonly error?: { readonly reason: string };
}

/** One session of the WebSocket API. */
class Api {
  readonly #socket: WebSocket;
  readonly #waiting = new Map<string, (message: Message) => void>();
  readonly #alive: NodeJS.Timeout;
  readonly #up = Promise.withResolvers<void>();
  /** Resolves when the first peer is connected: nobody can pull what comes from a publisher who is not. */
  readonly up = this.#up.promise;
  #session = 0;

  static async connect(url: string): Promise<Api> {
    for (const until = performance.now() + startLimit; ; await pause(50)) {
      const socket = new WebSocket(url, "janus-protocol");
      const opened = await new Promise<boolean>((resolve) => {
        socket.addEventListener("open", () => resolve(true), { once: true });
        socket.addEventListener("error", () => resolve(false), { once: true });
      });
      if (opened) {
        const api = new Api(socket);
        api.#session = (await api.#ask({ janus: "create" }, false)).data?.id ?? 0;
        return api;
      }
      if (performance.now() > until) throw new Error("Its WebSocket does not open.");
    }
  }

  constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.addEventListener("message", ({ data }) => {
      const message = JSON.parse(String(data)) as Message;
      if (message.janus === "webrtcup") this.#up.resolve();
      // An asynchronous request is acknowledged first, and answered by an event.
      if (message.janus !== "ack") this.#waiting.get(message.transaction ?? "")?.(message);
    });
    this.#alive = setInterval(() => void this.#ask({ janus: "keepalive" }, true), 20_000);
  }

  async attach(): Promise<Handle> {
    const { data } = await this.#ask({ janus: "attach", plugin: "janus.plugin.videoroom" }, false);
    const handle_id = data?.id ?? 0;
    return {
      message: async (body, jsep) => {
        const { jsep: answered } = await this.#ask({ janus: "message", handle_id, body, ...(jsep && { jsep }) }, false);
        return { sdp: answered?.sdp ?? "" };
      },
    };
  }

  close(): void {
    clearInterval(this.#alive);
    this.#socket.close();
  }

  async #ask(request: Readonly<Record<string, unknown>>, acknowledged: boolean): Promise<Message> {
    const transaction = randomBytes(8).toString("hex");
    const session = this.#session === 0 ? {} : { session_id: this.#session };
    this.#socket.send(JSON.stringify({ ...request, ...session, transaction }));
    if (acknowledged) return { janus: "ack" };
    const message = await new Promise<Message>((resolve) => this.#waiting.set(transaction, resolve));
    this.#waiting.delete(transaction);
    const refused = message.error?.reason ?? message.plugindata?.data.error;
    if (refused !== undefined) throw new Error(`Janus refused: ${refused}`);
    return message;
  }
}

interface Handle {
  message(
    body: Readonly<Record<string, unknown>>,
    jsep?: { readonly type: string; readonly sdp: string },
  ): Promise<{ readonly sdp: string }>;
}

async function freeTcpPort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === "object" && address ? address.port : 0;
}
