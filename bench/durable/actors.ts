import { Actor } from "@satsuma/durable";
import { recordOf } from "./work.ts";

/** How late each alarm rang, in milliseconds. */
export const lateness: number[] = [];

export class Participant extends Actor {
  #n = 0;

  override ask(question: "write" | "read" | number): Promise<unknown> {
    const { storage } = this.context;
    if (question === "read") return storage.get<{ version: number }>("record").then((record) => record?.version);
    if (typeof question === "number") {
      void storage.put("due", question);
      return storage.setAlarm(question);
    }
    this.#n++;
    void storage.put("record", recordOf(this.#n));
    return Promise.resolve(this.#n);
  }

  override async alarm(): Promise<void> {
    const due = (await this.context.storage.get<number>("due")) ?? 0;
    lateness.push(this.context.now() - due);
    await this.context.storage.put("rung", due);
  }
}

/** The same in a file of its own. */
export class OwnParticipant extends Participant {
  static override readonly sql: boolean = true;
}
