import { Store, type StoreOptions } from "@satsuma/runtime/node/durable";
import { Participant } from "./actors.ts";
import { type Contender, closedLoop } from "./work.ts";

export function ours(
  directory: string,
  options: Partial<StoreOptions> = {},
  name = "Satsuma",
  type: typeof Participant = Participant,
): Contender {
  const store = Store.open({ directory, ...options });
  const actors = store.namespace("participants", type, undefined);
  const handles = Array.from({ length: 1_000 }, (_, index) => actors.get(`participant ${index}`));
  const ask = (question: "write" | "read") => (actor: number) => handles[actor]?.ask(question) ?? Promise.reject();
  return {
    name,
    write: (count, ms) => closedLoop(count, ms, ask("write")),
    read: (count, ms) => closedLoop(count, ms, ask("read")),
    close: () => store.close(),
  };
}
