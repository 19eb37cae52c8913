import type { DurableObjectNamespace, Request, Response } from "@cloudflare/workers-types";
import { type Actor, checkDetail, checkName, copy, type Handle, type Json, type Namespace } from "@satsuma/durable";
import { RefusedError } from "@satsuma/protocol";
import { detailHeader } from "./line.ts";
import type { Asked } from "./object.ts";

/** A namespace of actors that live in Durable Objects of one binding. */
export interface ObjectNamespace<A extends Actor> extends Namespace<A> {
  get(name: string): ObjectHandle<A>;
}

export interface ObjectHandle<A extends Actor> extends Handle<A> {
  /** Brings a WebSocket upgrade to the actor; answer the client with the result. */
  connect(request: Request, detail?: Json): Promise<Response>;
}

interface Stub extends Asked {
  fetch(request: Request): Promise<Response>;
}

export function namespaceOf<A extends Actor>(binding: DurableObjectNamespace): ObjectNamespace<A> {
  return {
    get(name) {
      checkName(name);
      const stub = () => binding.get(binding.idFromName(name)) as unknown as Stub;
      return {
        name,
        async ask(question) {
          const reply = await stub().ask(copy(question as unknown));
          if (!reply.ok) throw new RefusedError(reply.refusal.code, reply.refusal.message);
          return reply.value as never;
        },
        connect(request, detail = null) {
          checkDetail(detail);
          const headers = new Headers([...request.headers]);
          headers.set(detailHeader, encodeURIComponent(JSON.stringify(detail)));
          return stub().fetch(new globalThis.Request(request.url, { headers }) as unknown as Request);
        },
      };
    },
  };
}
