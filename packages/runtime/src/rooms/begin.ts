/**
 * The first negotiations of a media session as one request: the session, what is pushed, what is pulled.
 *
 * Each is carried out as if it had been asked for alone, and answered in a line of its own as soon as it is done: the
 * member's connection is being made while its pull is still waited for. After a step that failed comes no other.
 */
import type { BeginRequest, BeginStep, NewSessionResponse } from "@satsuma/protocol";
import type { MediaAnswer, MediaOperation } from "@satsuma/rooms";

type CarryOut = (operation: MediaOperation) => Promise<MediaAnswer>;

export function beginSession(request: BeginRequest, carryOut: CarryOut): ReadableStream<Uint8Array> {
  const steps = stepsOf(request, carryOut);
  const text = new TextEncoder();
  return new ReadableStream({
    async pull(controller) {
      const { value, done } = await steps.next();
      if (done) controller.close();
      else controller.enqueue(text.encode(`${JSON.stringify(value)}\n`));
    },
  });
}

async function* stepsOf({ push, pull }: BeginRequest, carryOut: CarryOut): AsyncGenerator<BeginStep, void> {
  const made = await carryOut({ do: "new-session" });
  yield { step: "session", ...made };
  if (made.status !== 201) return;
  const { sessionId } = made.body as NewSessionResponse;
  const pushed = await carryOut({ do: "tracks", session: sessionId, body: push });
  yield { step: "push", ...pushed };
  if (pushed.status !== 200 || pull === undefined) return;
  yield { step: "pull", ...(await carryOut({ do: "tracks", session: sessionId, body: pull })) };
}
