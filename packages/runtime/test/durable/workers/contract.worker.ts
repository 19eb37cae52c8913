import { DurableObject } from "cloudflare:workers";
import type { DurableObjectNamespace, Request, Response } from "@cloudflare/workers-types";
import type { Json } from "@satsuma/durable";
import { Diary, Faulty, GrownFirst, GrownSecond, Scripted, Tables } from "@satsuma/durable/contract/actors";
import { patience } from "@satsuma/durable/contract/patience";
import { type ScenarioName, scenarios } from "@satsuma/durable/contract/scenarios";
import { refusalOf } from "@satsuma/protocol";
import { durableObject, namespaceOf } from "@satsuma/runtime/workers/durable";

/** The Worker under test: the contract's actors as Durable Objects, and a plain Durable Object to compare them with. */
export const ScriptedObject = durableObject(Scripted, { patience });
export const TablesObject = durableObject(Tables, { patience });
export const DiaryObject = durableObject(Diary, { patience });
export const FaultyObject = durableObject(Faulty, { patience });
export const GrownFirstObject = durableObject(GrownFirst, { patience });
export const GrownSecondObject = durableObject(GrownSecond, { patience });
/** Left to the runtime's own hibernation. */
export const RestfulObject = durableObject(Diary);

/** Cloudflare's storage with nothing of ours around it. */
export class Plain extends DurableObject {
  run(name: ScenarioName, given: Json): Promise<unknown> {
    return scenarios[name](this.ctx.storage as never, given);
  }

  override alarm(): void {}
}

type Bindings = Record<string, DurableObjectNamespace>;

interface Question {
  readonly kind: string;
  readonly name: string;
  readonly question: Json;
}

export default {
  async fetch(request: Request, env: Bindings): Promise<Response> {
    const url = new URL(request.url);
    const binding = env[url.searchParams.get("kind") ?? ""];
    if (request.headers.get("upgrade") === "websocket" && binding !== undefined) {
      const detail = JSON.parse(url.searchParams.get("detail") ?? "null") as Json;
      return namespaceOf(binding)
        .get(url.searchParams.get("name") ?? "")
        .connect(request, detail);
    }
    return answer((await request.json()) as Question, env);
  },
};

async function answer({ kind, name, question }: Question, env: Bindings): Promise<Response> {
  const binding = env[kind];
  if (binding === undefined) return reply({ missing: kind });
  try {
    if (kind !== "plain") return reply({ value: (await namespaceOf(binding).get(name).ask(question)) ?? null });
    const { run, given } = question as { run: ScenarioName; given: Json };
    const stub = binding.get(binding.idFromName(name)) as unknown as Plain;
    return reply({ value: (await stub.run(run, given)) ?? null });
  } catch (error) {
    return reply({ refusal: refusalOf(error), error: String(error) });
  }
}

function reply(body: unknown): Response {
  return globalThis.Response.json(body) as unknown as Response;
}
