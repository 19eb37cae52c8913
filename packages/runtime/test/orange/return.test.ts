import { defaultRoomSettings } from "@satsuma/rooms";
import { heard, joined, stateOf, userIn } from "@satsuma/rooms/contract/orange";
import { afterEach, expect, test } from "vitest";
import { type Host, type HostOptions, Member, orangeSecret, startHost } from "../host.ts";
import { Parties, type Party } from "./party.ts";

let host: Host;
const parties = new Parties();

afterEach(async () => {
  parties.close();
  await host.close();
});

async function start(options: HostOptions = {}): Promise<void> {
  host = await startHost({ orange: {}, ...options });
}

/** As Orange's client: it comes back by itself, and says its whole self whenever its socket opens. */
async function come(id: string): Promise<Party> {
  const who = { id, name: id };
  const party = await parties.open({ url: host.url, room: "r", who, secret: orangeSecret, beat: 200, returns: true });
  party.socket.addEventListener("open", () => party.send({ type: "userUpdate", user: joined(id, id) }));
  party.send({ type: "userUpdate", user: joined(id, id) });
  await party.until(() => userIn(party, id)?.joined);
  return party;
}

test("a client whose connection breaks is back by itself under its id, and nobody saw it go", async () => {
  await start();
  const [ann, bob] = [await come("ann"), await come("bob")];
  const before = ann.received.length;
  ann.wire?.terminate();
  ann.send({ type: "e2eeMlsMessage", payload: "said while it was away" });
  await ann.until(() => ann.received.length > before);
  expect(ann.received[before]).toMatchObject({ type: "roomState" });
  await bob.until(() => heard(bob, "e2eeMlsMessage").length === 1);
  expect(heard(bob, "userLeftNotification")).toEqual([]);
  const everSeen = heard(bob, "roomState").slice(-5);
  for (const { state } of everSeen) expect(state.users.find(({ id }) => id === "ann")).toMatchObject({ joined: true });
});

test("after the server was stopped and started again all are there, with what they had said, in the same meeting", async () => {
  await start();
  const clients = await Promise.all(["ann", "bob", "cid"].map(come));
  const [ann] = clients as [Party];
  ann.send({ type: "userUpdate", user: joined("ann", "ann", { raisedHand: true }) });
  await ann.until(() => userIn(ann, "ann")?.raisedHand);
  const meeting = stateOf(ann)?.meetingId;
  const { url } = host;
  await host.restart();
  // The port is another one, as after a move behind a load balancer; a client asks by the host's name.
  for (const client of clients) client.socket.updateProperties({ host: new URL(host.url).host });
  expect(host.url).not.toBe(url);
  const counts = clients.map((client) => client.received.length);
  for (const [index, client] of clients.entries()) {
    await client.until(() => client.received.length > (counts[index] ?? 0) && stateOf(client)?.users.length === 3);
    expect(stateOf(client)?.users.every(({ joined: isIn }) => isIn)).toBe(true);
    expect(stateOf(client)?.meetingId).toBe(meeting);
  }
});

test("a client that was too long away is timed out, and comes back by itself", async () => {
  const orange = { ...defaultRoomSettings.orange, heartbeatWithin: 1_500, alarmInterval: 300 };
  await start({ room: { orange } });
  const bob = await come("bob");
  const ann = await parties.open({
    url: host.url,
    room: "r",
    who: { id: "ann", name: "ann", beats: false },
    secret: orangeSecret,
    beat: 0,
    returns: true,
  });
  ann.socket.addEventListener("open", () => ann.send({ type: "userUpdate", user: joined("ann", "ann") }));
  ann.send({ type: "userUpdate", user: joined("ann", "ann") });
  await ann.until(() => ann.closed?.code === 1011);
  await bob.until(() => heard(bob, "userLeftNotification").length > 0);
  await bob.until(() => userIn(bob, "ann")?.joined);
});

test("people at both doors of a room see each other, with their tracks", async () => {
  await start();
  const cleo = await Member.join(host, "r", "Cleo");
  const session = await cleo.session(host, "r");
  const track = { name: "mic", kind: "audio", source: "microphone", session, muted: false } as const;
  await cleo.command({ do: "publish", tracks: [track] });
  const ann = await come("ann");
  await ann.until(() => stateOf(ann)?.users.some(({ tracks }) => tracks.audio === `${session}/mic`));
  expect(userIn(ann, cleo.participant)).toMatchObject({ name: "Cleo", joined: true, tracks: { audioEnabled: true } });
  await cleo.sees("ann", "connected");
  const shown = cleo.view?.participants.find(({ id }) => id === "ann");
  expect(shown?.tracks).toMatchObject([
    { source: "microphone", session: "session-ann", name: "audio-ann", muted: false },
    { source: "camera", session: "session-ann", name: "video-ann", muted: false },
  ]);
  ann.wire?.terminate();
  await cleo.sees("ann", "recovering");
  await cleo.sees("ann", "connected");
  ann.send({ type: "muteUser", id: cleo.participant });
  await cleo.until(() => cleo.view?.participants.find(({ name }) => name === "Cleo")?.tracks[0]?.muted);
  ann.send({ type: "userLeft" });
  await cleo.sees("ann", "gone");
});

test("a reader that stops reading costs only itself, and has the last state when it reads on", async () => {
  await start({ room: { orange: { ...defaultRoomSettings.orange, window: 1 } }, sockets: { waitingBytes: 8_388_608 } });
  const [ann, slow] = [await come("ann"), await come("slow")];
  slow.wire?.pause();
  const mood = "x".repeat(3_000);
  for (let number = 0; number < 400; number++) {
    ann.send({ type: "userUpdate", user: { ...joined("ann", "ann", { raisedHand: number === 399 }), mood } as never });
    if (number % 20 === 0) await new Promise((resolve) => setImmediate(resolve));
  }
  await ann.until(() => userIn(ann, "ann")?.raisedHand);
  slow.wire?.resume();
  await slow.until(() => userIn(slow, "ann")?.raisedHand);
});
