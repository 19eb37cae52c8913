import { afterAll, beforeAll, expect, test } from "vitest";
import { type Host, Member, startHost } from "./host.ts";
import { Stranger } from "./stranger.ts";

let host: Host;
beforeAll(async () => {
  host = await startHost({ room: { grace: 60_000 } });
});
afterAll(() => host.close());

const patience = { timeout: 20_000 };

test("a client that was written from the documentation alone sees what ours does, comes back and misses nothing", async () => {
  const ann = await Member.join(host, "r", "Ann");
  const { token } = await host.tokens.issue("r", "Sam");
  const sam = new Stranger();
  const url = `${host.url.replace("http", "ws")}/rooms/r`;
  sam.open(url, token);
  await expect.poll(() => sam.state.participants?.length, patience).toBe(2);
  expect(sam.you).toMatchObject({ role: "speaker", name: "Sam" });

  const session = String((await ask(host, token, "POST", "sessions/new")).sessionId);
  const track = { name: "mic", kind: "audio", source: "microphone", session, muted: false };
  expect(await sam.command({ do: "publish", tracks: [track] })).toMatchObject({ type: "ack" });
  expect(await sam.command({ do: "mute", name: "mic", muted: true })).toMatchObject({ type: "ack" });
  expect(await sam.command({ do: "mute", name: "cam", muted: true })).toMatchObject({ code: "not-found" });
  expect((await sam.command({ do: "say", text: "hi" })).result).toMatchObject({ of: "say" });
  await ann.command({ do: "raise" });
  await ann.command({ do: "say", text: "ho" });
  await expect.poll(() => [...sam.texts.values()], patience).toEqual(["hi", "ho"]);
  await expect.poll(() => sam.state, patience).toEqual(ann.view);

  sam.cut();
  await ann.sees("Sam", "recovering");
  await ann.command({ do: "rename", name: "Annie" });
  await ann.command({ do: "lower" });
  await ann.command({ do: "say", text: "missed?" });
  // Asked while it is away: it is sent again with the return, and done once.
  const late = sam.command({ do: "say", text: "late" });
  sam.open(url, token);
  expect(await late).toMatchObject({ type: "ack" });
  await expect.poll(() => [...sam.texts.values()], patience).toEqual(["hi", "ho", "missed?", "late"]);
  await expect.poll(() => sam.state, patience).toEqual(ann.view);
  expect(await sam.command({ do: "leave" })).toMatchObject({ type: "ack" });
  await expect.poll(() => sam.closed, patience).toBe("left");
});

async function ask(host: Host, token: string, method: string, path: string): Promise<Record<string, unknown>> {
  const headers = { Authorization: `Bearer ${token}` };
  const response = await fetch(`${host.url}/rooms/r/sfu/${path}`, { method, headers });
  return (await response.json()) as Record<string, unknown>;
}
