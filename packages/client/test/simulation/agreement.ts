/**
 * What has to hold once there is peace, in the order of the promises:
 *
 * 1. everybody is connected, in the room and at the media server, with one live media session;
 * 2. the room says of everybody what they send: source by source, muted or not, on the session that lives;
 * 3. of what they send the layers are encoded that somebody may be sent, and the least one;
 * 4. everybody receives what they want of it and nothing else: what a tile shows comes from the device that it says;
 * 5. what is muted is silent;
 * 6. every command was answered, and done exactly once if it was;
 * 7. what a moderator did holds: who was put out is out, what was switched off is off until its owner wants it on; whoever
 *    listens sends nothing that the room tells of.
 */
import type { SessionStateResponse } from "@satsuma/protocol";
import type { TrackView } from "../../src/index.ts";
import type { ModelTrack } from "./devices.ts";
import { app } from "./media-server.ts";
import { undone } from "./moderation.ts";
import type { ModelPeerConnection } from "./peer-connection.ts";
import type { Person } from "./person.ts";
import type { World } from "./world.ts";

/** ms in which something must have come on a track that flows. */
const recent = 1_800;

export function disagreements(world: World, people: readonly Person[]): string[] {
  const here = people.filter(({ left, removed }) => !left && !removed);
  const found = people.flatMap((person) => (person.left ? [] : undone(world, person)));
  for (const person of here) {
    const before = found.length;
    found.push(...connected(world, person), ...announced(world, person));
    if (found.length > before) continue;
    found.push(...received(world, person, here));
  }
  return [...found, ...commands(world, people)];
}

function connected(world: World, person: Person): string[] {
  const { name, room, page } = person;
  const { connection, media } = room.snapshot();
  if (connection.state !== "connected") return [`${name}'s room is ${JSON.stringify(connection)}`];
  const open = page.connections.filter(({ isClosed }) => !isClosed);
  const live = world.rooms.room.sessionsOf(name).filter((session) => tracksOf(world, session).length > 0);
  if (open.length > 1) return [`${name} has ${open.length} connections`];
  if (!needsMedia(person)) return live.length > 1 ? [`${name} has ${live.length} live sessions`] : [];
  if (media !== "connected") return [`${name}'s media is ${media}`];
  if (live.length !== 1) return [`${name} has ${live.length} live sessions`];
  if (live[0] !== room.connectionRecord().session) return [`${name}'s live session is another one than the client's`];
  return [];
}

/** Somebody who neither sends nor wants anything has no media session, and may have none. */
function needsMedia(person: Person): boolean {
  const others = person.room.snapshot().participants.filter(({ local }) => !local);
  return sent(person).size > 0 || others.some(({ tracks }) => tracks.some((track) => mustCome(person, track)));
}

function isListener({ room }: Person): boolean {
  return room.snapshot().you?.role === "listener";
}

/** What the media server has of a session; nothing of one that is over. */
function tracksOf({ media: { sfu } }: World, session: string | undefined): NonNullable<SessionStateResponse["tracks"]> {
  try {
    return session === undefined ? [] : (sfu.state(app, session).tracks ?? []);
  } catch {
    return [];
  }
}

/** What somebody's devices are, as their room should tell it. */
function sent(person: Person): Map<string, { readonly muted: boolean; readonly track: ModelTrack | undefined }> {
  const { room } = person;
  const { microphone, camera } = room.snapshot().local;
  const wanted = new Map<string, { muted: boolean; track: ModelTrack | undefined }>();
  // Their devices may be on, as they were on stage.
  if (isListener(person)) return wanted;
  const as = (track: MediaStreamTrack | undefined) => track as unknown as ModelTrack | undefined;
  if (microphone.track) wanted.set("microphone", { muted: !microphone.on, track: as(microphone.track) });
  if (camera.track) wanted.set("camera", { muted: !camera.on, track: as(camera.track) });
  for (const { id, video, audio } of room.local.screens.snapshot()) {
    wanted.set(id, { muted: false, track: as(video) });
    if (audio) wanted.set(`${id}-audio`, { muted: false, track: as(audio) });
  }
  return wanted;
}

function announced(world: World, person: Person): string[] {
  const { name, room } = person;
  const record = world.rooms.room.state.participants.find(({ id }) => id === name);
  if (record === undefined) return isListener(person) ? [] : [`${name} is not in the room's record`];
  const { session } = room.connectionRecord();
  const found: string[] = [];
  const wanted = [...sent(person)];
  const tell = (what: readonly string[]) => [...what].sort().join(" ");
  const ours = wanted.filter(([, { muted }]) => !muted).map(([id]) => sourceOf(id));
  const theirs = record.tracks.filter(({ muted }) => !muted).map(({ source }) => source);
  if (tell(ours) !== tell(theirs)) found.push(`${name} sends [${tell(ours)}], the room says [${tell(theirs)}]`);
  found.push(...encoded(world, person));
  for (const track of record.tracks) {
    // A camera that is off is pushed when it is switched on; until then its word from before stands.
    if (track.session !== session && !(track.kind === "video" && track.muted))
      found.push(`${name}'s ${track.source} is announced on a session that is not theirs`);
  }
  return found;
}

/** Layers that somebody may be sent are encoded, and of the others the least alone. */
function encoded(world: World, { name, room, page }: Person): string[] {
  const connection = page.connections.find(({ isClosed }) => !isClosed);
  return tracksOf(world, room.connectionRecord().session).flatMap(({ mid, watchedRids, status }) => {
    const sender = connection?.getTransceivers().find((transceiver) => transceiver.mid === mid)?.sender;
    if (watchedRids === undefined || status !== "active" || !sender?.track) return [];
    const active = sender.encodings.filter(({ active }) => active).map(({ rid = "" }) => rid);
    const wanted = sender.rids.filter((rid) => watchedRids.includes(rid) || rid === "c");
    return active.join() === wanted.join() ? [] : [`${name} encodes [${active}], and [${wanted}] is wanted`];
  });
}

function sourceOf(id: string): string {
  return id.replace(/^screen-\d+/, "screen");
}

function received(world: World, viewer: Person, here: readonly Person[]): string[] {
  const found: string[] = [];
  const [connection] = viewer.page.connections.filter(({ isClosed }) => !isClosed);
  let pulled = 0;
  for (const { id, local, tracks } of viewer.room.snapshot().participants) {
    if (local) continue;
    const publisher = here.find(({ name, ended }) => name === id && !ended);
    if (publisher === undefined) {
      found.push(`${viewer.name} sees ${id}, who is not there`);
      continue;
    }
    for (const track of tracks) {
      if (isWanted(viewer, track)) pulled += 1;
      found.push(...flows(world, viewer, publisher, track, connection));
    }
  }
  const { session } = viewer.room.connectionRecord();
  const there = tracksOf(world, session).filter(
    ({ location, status }) => location === "remote" && status !== "inactive",
  ).length;
  if (there > pulled) found.push(`${viewer.name} pulls ${there} tracks and wants ${pulled}`);
  return found;
}

function isWanted({ onlyShown, shown, page }: Person, { kind, muted, key }: TrackView): boolean {
  if (kind === "audio") return true;
  if (muted) return false;
  return !onlyShown || (!page.document.hidden && key !== undefined && shown.has(key)) || shown.size === 0;
}

/** Of pictures those that are shown; before any is, the client may receive what it thinks will be. */
function mustCome({ onlyShown, shown }: Person, { kind, muted, key }: TrackView): boolean {
  if (kind === "audio") return true;
  return !muted && (!onlyShown || shown.has(key ?? ""));
}

function flows(
  world: World,
  viewer: Person,
  publisher: Person,
  track: TrackView,
  connection: ModelPeerConnection | undefined,
): string[] {
  const what = `${viewer.name} ← ${publisher.name}'s ${track.source}`;
  const sources = [...sent(publisher)].filter(([id]) => sourceOf(id) === track.source).map(([, source]) => source);
  const receiver = connection
    ?.getTransceivers()
    .find(({ receiver }) => (receiver.track as unknown) === track.media)?.receiver;
  const fresh =
    receiver?.heard !== undefined && world.clock.now - receiver.heard.at < recent ? receiver.heard : undefined;
  if (track.muted) return fresh !== undefined && fresh.mark !== 0 ? [`${what} is muted and still comes`] : [];
  if (!mustCome(viewer, track)) return [];
  if (receiver === undefined) return [`${what} is not received`];
  if (fresh === undefined) return [`${what} does not flow`];
  if (!sources.some((source) => source.track?.mark === fresh.mark)) return [`${what} shows something else`];
  return [];
}

function commands(world: World, people: readonly Person[]): string[] {
  const kept = world.rooms.chat();
  return people.flatMap(({ said, ended }) =>
    said.flatMap(({ text, done }) => {
      const times = kept.filter((other) => other === text).length;
      if (times > 1) return [`"${text}" was done ${times} times`];
      if (done === undefined) return [`"${text}" was never answered`];
      // Whoever leaves does not wait to hear what became of their words.
      if (ended && !done) return [];
      return done === (times === 1) ? [] : [`"${text}" was answered ${done} and done ${times} times`];
    }),
  );
}
