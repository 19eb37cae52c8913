import { Actor, type AlarmInfo, type Closing, type Json, type Migration, type Socket } from "@satsuma/durable";
import { RefusedError } from "@satsuma/protocol";
import { type ScenarioName, scenarios } from "./scenarios.ts";

interface Script {
  readonly run: ScenarioName;
  readonly given?: Json;
}

/** Runs one scenario over its storage. */
export class Scripted extends Actor {
  override ask({ run, given = null }: Script): Promise<unknown> {
    return scenarios[run](this.context.storage, given);
  }
}

/** The same where SQL is allowed. */
export class Tables extends Scripted {
  static override readonly sql: boolean = true;
}

export type DiaryQuestion =
  | { readonly do: "read" | "throw" | "hang" | "refuse" | "uncloneable" | "lingering" | "outside" }
  | { readonly do: "is-hanging"; readonly name: string }
  | { readonly do: "slow"; readonly id: number }
  | { readonly do: "add"; readonly n: number }
  | { readonly do: "alarm"; readonly afterMs: number; readonly failures: number }
  | { readonly do: "echo"; readonly value: Json }
  | { readonly do: "tell"; readonly text: string }
  | { readonly do: "rename"; readonly attachment: Json }
  | { readonly do: "disconnect"; readonly code?: number };

interface Ring {
  readonly at: number;
  readonly retry: number;
  readonly pending: number | null;
}

/** By name, how the storage refused an instance that had been cut off; outlives the instance as a module does. */
const cutOff = new Map<string, string>();

/** Names of those that were told to hang and began to; others answer for them, since they no longer can. */
const hanging = new Set<string>();

/** Writes down what happens to it, in memory and in storage, and does as it is told. */
export class Diary extends Actor {
  #steps: string[] = [];
  #sum = 0;
  #asked = 0;

  override async start(): Promise<void> {
    const { storage } = this.context;
    await storage.put("starts", ((await storage.get<number>("starts")) ?? 0) + 1);
    this.#sum = (await storage.get<number>("sum")) ?? 0;
  }

  override async ask(question: DiaryQuestion): Promise<unknown> {
    const { storage } = this.context;
    this.#asked++;
    switch (question.do) {
      case "read":
        return this.#read();
      case "throw":
        await storage.put("beforeThrow", true);
        throw new Error("secret words");
      case "refuse":
        throw new RefusedError("room-full", "Full.");
      case "hang":
        await storage.put("beforeHang", true);
        hanging.add(this.context.name);
        return new Promise(() => undefined);
      case "is-hanging":
        return hanging.has(question.name);
      case "uncloneable":
        return () => 1;
      case "lingering":
        void this.#linger();
        return new Promise(() => undefined);
      case "outside":
        this.context.outside(
          async () => 42,
          async (outcome) => storage.put("outcome", outcome.ok ? outcome.value : "failed"),
        );
        return null;
      case "slow":
        this.#steps.push(`in ${question.id}`);
        for (let turn = 0; turn < 10; turn++) await storage.get("sum");
        this.#steps.push(`out ${question.id}`);
        return this.#steps;
      case "add":
        this.#sum += question.n;
        await storage.put("sum", this.#sum);
        return this.#sum;
      case "alarm":
        await storage.put({ failures: question.failures, rings: [] });
        await storage.setAlarm(this.context.now() + question.afterMs);
        return storage.getAlarm();
      case "echo":
        return question.value;
      case "tell":
        for (const socket of this.context.sockets()) socket.send(question.text);
        return this.context.sockets().length;
      case "rename":
        for (const socket of this.context.sockets()) socket.attachment = question.attachment;
        return null;
      case "disconnect":
        for (const socket of this.context.sockets()) socket.close(question.code ?? 4001, "told to");
        return null;
    }
  }

  override async connect(socket: Socket): Promise<void> {
    if (socket.detail === "throw") throw new Error("secret words");
    if (socket.detail === "refuse") throw new RefusedError("room-full", "Full.");
    socket.attachment = { said: 0 };
    socket.send(`hello ${JSON.stringify(socket.detail)}`);
  }

  override async message(socket: Socket, data: string | Uint8Array): Promise<void> {
    if (data === "throw") throw new Error("secret words");
    const { said } = socket.attachment as { said: number };
    socket.attachment = { said: said + 1 };
    for (const each of this.context.sockets()) each.send(`${data} ${said + 1}`);
  }

  override async close(_socket: Socket, why: Closing): Promise<void> {
    await this.context.storage.put("closed", { code: why.code, reason: why.reason });
  }

  override async alarm(info: AlarmInfo): Promise<void> {
    const { storage } = this.context;
    const rings = (await storage.get<Ring[]>("rings")) ?? [];
    const ring = { at: this.context.now(), retry: info.retryCount, pending: await storage.getAlarm() };
    await storage.put("rings", [...rings, ring]);
    if (rings.length < ((await storage.get<number>("failures")) ?? 0)) throw new Error("secret words");
  }

  /** What an instance does that goes on after it was cut off. */
  async #linger(): Promise<void> {
    while (!cutOff.has(this.context.name)) {
      // A timer is none of an actor's words; it stands here for any wait that the runtime does not know of.
      await new Promise((resolve) => setTimeout(resolve, 10));
      await this.context.storage.put("late", this.context.now()).catch((error: { code: string }) => {
        cutOff.set(this.context.name, error.code);
      });
    }
  }

  async #read(): Promise<Json> {
    const stored = Object.fromEntries(await this.context.storage.list<Json>());
    const attachments = this.context.sockets().map((socket) => socket.attachment as Json);
    const refused = cutOff.get(this.context.name) ?? null;
    return { ...stored, refused, asked: this.#asked, alarm: await this.context.storage.getAlarm(), attachments };
  }
}

/** Starts only at the third try. */
export class Faulty extends Actor {
  override async start(): Promise<void> {
    const { storage } = this.context;
    const tries = ((await storage.get<number>("tries")) ?? 0) + 1;
    await storage.put("tries", tries);
    if (tries < 3) throw new Error("secret words");
  }

  override async ask(_question: Json): Promise<Json> {
    return (await this.context.storage.get<number>("tries")) ?? null;
  }
}

const note =
  (step: string): Migration =>
  async (storage) => {
    await storage.put("steps", [...((await storage.get<string[]>("steps")) ?? []), step]);
  };

/** A class in its first release, whose data is a name in one piece. */
export class GrownFirst extends Actor {
  static override readonly migrations: readonly Migration[] = [
    note("first"),
    async (storage) => storage.put("name", "Ada Lovelace"),
  ];

  override async ask(question: Json): Promise<Json> {
    if (question === "empty") await this.context.storage.deleteAll();
    return Object.fromEntries(await this.context.storage.list<Json>());
  }
}

/** The release after it, which splits the name; its last step fails the first time. */
export class GrownSecond extends GrownFirst {
  static override readonly migrations: readonly Migration[] = [
    ...GrownFirst.migrations,
    note("second"),
    async (storage) => {
      const [first = "", last = ""] = ((await storage.get<string>("name")) ?? "").split(" ");
      await storage.put({ first, last });
      await storage.delete("name");
    },
  ];
}
