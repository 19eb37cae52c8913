/** What people do in a room, each once over real sockets: the rules behind it are proved on the core. */
import type { Command, CommandResult, ServerMessage } from "@satsuma/protocol";
import { expect, test } from "vitest";
import { Member } from "../host.ts";
import type { RoomWorld } from "./story.ts";

type Of<Type extends ServerMessage["type"]> = Extract<ServerMessage, { type: Type }>;

/** To be called where the world is started and closed. */
export function roomFeatures(world: () => RoomWorld): void {
  async function join(room: string, name: string, role: "host" | "speaker" | "listener" = "speaker"): Promise<Member> {
    const { token } = await world().tokens.issue(room, name, { role, identity: name.toLowerCase() });
    return Member.join(world(), room, name, token);
  }

  /** Says hello and waits for the first answer, whatever it is. */
  async function knock(room: string, name: string): Promise<Member> {
    const { token } = await world().tokens.issue(room, name, { identity: name.toLowerCase() });
    const member = await Member.open(world(), room);
    member.send({ type: "hello", protocols: [2], client: "c", token });
    await member.until(() => member.received[0]);
    return member;
  }

  async function did(member: Member, command: Command): Promise<CommandResult | undefined> {
    const answer = await member.command(command);
    if (answer.type !== "ack") throw new Error(`${command.do} was refused: ${JSON.stringify(answer)}`);
    return answer.result;
  }

  function heard<Type extends ServerMessage["type"]>(
    member: Member,
    type: Type,
    is: (said: Of<Type>) => boolean = () => true,
  ) {
    return member.until(() =>
      member.received.find((said): said is Of<Type> => said.type === type && is(said as Of<Type>)),
    );
  }

  async function allLeave(...members: Member[]): Promise<void> {
    await Promise.all(members.map((member) => member.command({ do: "leave" })));
  }

  test("[RM66][RM67] newcomers wait in the lobby until they are admitted or denied, and a locked room takes nobody", async () => {
    const host = await join("lobby", "Host", "host");
    await did(host, { do: "set-rules", rules: { lobby: true } });
    const [ann, bob] = [await knock("lobby", "Ann"), await knock("lobby", "Bob")];
    expect([ann, bob].map(({ received }) => received[0]?.type)).toEqual(["waiting", "waiting"]);
    const { waiting } = await heard(host, "lobby", ({ count }) => count === 2);
    const idOf = (name: string) => waiting.find((one) => one.name === name)?.id ?? "";
    await did(host, { do: "admit", ids: [idOf("Ann")] });
    await heard(ann, "snapshot");
    await did(host, { do: "deny", ids: [idOf("Bob")] });
    expect(await bob.closed).toMatchObject({ reason: "denied" });
    await did(host, { do: "set-rules", rules: { lobby: false, locked: true } });
    expect(await (await knock("lobby", "Cid")).closed).toMatchObject({ reason: "locked" });
    await allLeave(ann, host);
  });

  test("[RM69][RM61][RM62] hands stand in order, and a listener comes on stage and goes back", async () => {
    const host = await join("stage", "Host", "host");
    const [ann, bob] = [await join("stage", "Ann", "listener"), await join("stage", "Bob", "listener")];
    await did(bob, { do: "raise" });
    await did(ann, { do: "raise" });
    await host.until(() => host.view?.hands.map(({ name }) => name).join() === "Bob,Ann");
    const audience = await did(host, { do: "list-audience", limit: 10 });
    expect(audience).toMatchObject({ people: [{ name: "Ann" }, { name: "Bob" }], more: false });
    await did(host, { do: "set-role", id: bob.participant, role: "speaker" });
    expect((await heard(bob, "you")).you.grants).toContain("microphone");
    await host.sees("Bob", "connected");
    expect(host.view?.hands.map(({ name }) => name)).toEqual(["Ann"]);
    await did(host, { do: "invite", id: ann.participant, role: "speaker" });
    await heard(ann, "you", ({ you }) => you.invited === "speaker");
    await did(ann, { do: "accept" });
    await host.sees("Ann", "connected");
    await did(host, { do: "set-role", id: bob.participant, role: "listener" });
    await host.sees("Bob", "gone");
    await allLeave(ann, bob, host);
  });

  test("[RM74][RM75][RM76][RM70][RM71][RM77][RM63] a host mutes, asks, stops, removes, bans, hands over, and it is all in the log", async () => {
    const host = await join("moderated", "Host", "host");
    const [ann, bob, cid] = [
      await join("moderated", "Ann"),
      await join("moderated", "Bob"),
      await join("moderated", "Cid"),
    ];
    const session = await ann.session(world(), "moderated");
    const track = { name: "mic", kind: "audio", source: "microphone", session, muted: false } as const;
    await did(ann, { do: "publish", tracks: [track] });
    await did(host, { do: "silence", id: ann.participant });
    expect(await heard(ann, "notice")).toMatchObject({ notice: "silenced", by: { name: "Host" } });
    await did(host, { do: "ask-unmute", id: ann.participant });
    await heard(ann, "notice", ({ notice }) => notice === "asked-to-unmute");
    await did(host, { do: "stop", id: ann.participant, source: "microphone" });
    await heard(ann, "notice", ({ notice }) => notice === "stopped");
    await ann.until(() => ann.view?.participants.every(({ tracks }) => tracks.length === 0));
    expect(await ann.command({ do: "remove", id: bob.participant })).toMatchObject({ code: "not-allowed" });
    await did(host, { do: "remove", id: bob.participant });
    expect(await bob.closed).toMatchObject({ reason: "removed" });
    await did(host, { do: "ban", identity: "cid" });
    expect(await cid.closed).toMatchObject({ reason: "banned" });
    expect(await (await knock("moderated", "Cid")).closed).toMatchObject({ reason: "banned" });
    expect(await did(host, { do: "list-bans", limit: 10 })).toMatchObject({ bans: [{ identity: "cid", by: "Host" }] });
    await did(host, { do: "unban", identity: "cid" });
    await did(host, { do: "transfer", id: ann.participant });
    expect(await host.command({ do: "audit", limit: 10 })).toMatchObject({ code: "not-allowed" });
    const log = await did(ann, { do: "audit", limit: 100 });
    const moderated =
      log?.of === "audit" ? log.events.flatMap((event) => (event.type === "moderated" ? [event.did] : [])) : [];
    expect(moderated).toEqual(["transfer", "unban", "ban", "remove", "stop", "ask-unmute", "silence"]);
    await did(ann, { do: "end" });
    expect(await host.closed).toMatchObject({ reason: "ended" });
  });

  test("[RM80][RM81][RM82][RM83][RM84][RM114] people write to all and to one, answer, mention, correct, delete, react and read", async () => {
    const [ann, bob, cid] = [await join("chat", "Ann"), await join("chat", "Bob"), await join("chat", "Cid")];
    await did(ann, { do: "say", text: "hello", mentions: ["bob"] });
    await did(bob, { do: "say", text: "hi", reply: 1 });
    await did(ann, { do: "say", text: "psst", to: bob.participant });
    await did(ann, { do: "edit", seq: 1, text: "hello all" });
    await did(cid, { do: "react", seq: 1, emoji: "🎉", on: true });
    await did(bob, { do: "say", text: "oops" });
    await did(bob, { do: "delete", seq: 4 });
    await heard(cid, "chat", ({ event }) => event === "deleted");
    const read = async (member: Member) => {
      const page = await did(member, { do: "read", limit: 10 });
      return page?.of === "read" ? page.messages : [];
    };
    const late = await join("chat", "Dan");
    expect(await read(late)).toMatchObject([
      { seq: 4, deleted: true },
      { seq: 2, text: "hi", reply: 1 },
      { seq: 1, text: "hello all", mentions: ["bob"], reactions: { "🎉": { count: 1, mine: false } } },
    ]);
    expect((await read(bob)).map(({ text }) => text)).toContain("psst");
    const overheard = [cid, late].flatMap(({ received }) => received.map((said) => JSON.stringify(said)));
    expect(overheard.filter((said) => said.includes("psst"))).toEqual([]);
    cid.send({ type: "signal", typing: true });
    await heard(ann, "signals", ({ typing }) => typing?.includes("Cid") === true);
    await allLeave(ann, bob, cid, late);
  });

  test("[RM100][RM101][RM102] people vote, and the count becomes a result", async () => {
    const [ann, bob] = [await join("poll", "Ann"), await join("poll", "Bob")];
    const made = await did(ann, {
      do: "poll",
      question: "Tea?",
      options: ["yes", "no"],
      anonymous: false,
      multiple: false,
    });
    const poll = made?.of === "poll" ? made.poll : 0;
    await did(bob, { do: "vote", poll, choices: [1] });
    await heard(ann, "signals", ({ tallies }) => tallies?.[poll]?.join() === "0,1");
    await did(bob, { do: "vote", poll, choices: [0] });
    expect(await bob.command({ do: "list-votes", poll, limit: 10 })).toMatchObject({ code: "not-allowed" });
    expect(await did(ann, { do: "list-votes", poll, limit: 10 })).toMatchObject({
      votes: [{ identity: "bob", choices: [0] }],
    });
    await did(ann, { do: "close-poll", poll });
    await bob.until(() => bob.view?.polls[0]?.result?.join() === "1,0");
    await allLeave(ann, bob);
  });

  test("[RM120][RM121][RM87] entries are watched and set if they are what they were; data and emoji pass", async () => {
    const [ann, bob] = [await join("shared", "Ann"), await join("shared", "Bob")];
    await did(bob, { do: "watch", prefix: "board/" });
    const set = await did(ann, { do: "set", key: "board/1", value: { x: 1 }, if: 0 });
    const revision = set?.of === "set" ? set.revision : 0;
    await heard(bob, "entries", (said) => said.set[0]?.key === "board/1");
    expect(await bob.command({ do: "set", key: "board/1", value: 2, if: 0 })).toMatchObject({
      code: "conflict",
      current: revision,
    });
    await did(ann, { do: "unset", key: "board/1", if: revision });
    await heard(bob, "entries", ({ gone }) => gone.includes("board/1"));
    await did(ann, { do: "relay", topic: "pointer", payload: "3,4" });
    expect(await heard(bob, "relayed")).toMatchObject({ from: ann.participant, topic: "pointer", payload: "3,4" });
    await did(ann, { do: "emote", emoji: "👏" });
    expect(await heard(bob, "emoted")).toMatchObject({ name: "Ann", emoji: "👏" });
    await allLeave(ann, bob);
  });
}
