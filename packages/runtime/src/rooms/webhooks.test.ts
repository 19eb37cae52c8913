import { createMemory } from "@satsuma/durable";
import type { ApiDeadLetter, ApiPage, ApiWebhookSecret } from "@satsuma/protocol";
import { expect, test } from "vitest";
import { Webhooks } from "./webhooks.ts";

const letter: ApiDeadLetter = { room: "r", seq: 1, type: "room-started", why: "it answered 503", at: 1 };

test("of an endpoint that was deleted while it was being sent to nothing is kept", async () => {
  const kept: string[] = [];
  class Watched extends Webhooks {
    override async ask(question: Parameters<Webhooks["ask"]>[0]): ReturnType<Webhooks["ask"]> {
      const answer = await super.ask(question);
      kept.splice(0, kept.length, ...(await this.context.storage.list()).keys());
      return answer;
    }
  }
  const configured = [{ id: "app", url: "http://127.0.0.1:9/", secret: "a secret" }];
  const webhooks = createMemory().namespace("webhooks", Watched, { configured }).get("all");
  const made = (await webhooks.ask({ ask: "create", request: { url: "http://127.0.0.1:9/" } })) as ApiWebhookSecret;
  await webhooks.ask({ ask: "bury", id: made.id, letter });
  await webhooks.ask({ ask: "bury", id: "app", letter });
  expect(kept).toHaveLength(3);
  await webhooks.ask({ ask: "remove", id: made.id });
  await webhooks.ask({ ask: "bury", id: made.id, letter });
  expect(kept).toHaveLength(1);
  const dead = await webhooks.ask({ ask: "dead", id: "app", after: undefined, limit: 10 });
  expect((dead as ApiPage<ApiDeadLetter>).items).toEqual([letter]);
});
