/** A contender that is one of our own child files, spoken to over IPC. */
import type { Contender } from "./contender.ts";
import { Child, cores } from "./process.ts";

export function ownProcess(name: string, file: string): Contender {
  return {
    name,
    async start() {
      const child = new Child(file, cores.contender);
      return {
        pids: [child.pid],
        address: "127.0.0.1",
        publish: (offer) => child.ask("publish", offer),
        async pull() {
          const { id, offer } = await child.ask<{ id: number; offer: string }>("pull");
          return { offer, answered: (answer) => child.ask("answered", { id, answer }) };
        },
        stop: () => child.stop(),
      };
    },
  };
}
