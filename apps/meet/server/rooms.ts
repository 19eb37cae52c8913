/** Every number of a room (packages/rooms/src/settings.ts), as an operator sets it. */
import { defaultRoomSettings as room } from "@satsuma/rooms";
import { section, setting, whole } from "./schema.ts";

const milliseconds = whole(1, 3_600_000);
const rate = whole(1, 10_000);
const notes = whole(32_768, 1_073_741_824);
const noted = whole(60_000, 31_622_400_000);

export const roomSettings = section({
  participants: setting(whole(1, 10_000), room.participants, "Participants on stage, kept places included."),
  listeners: setting(whole(0, 100_000), room.listeners, "Listeners, who are counted and not listed."),
  waiting: setting(whole(1, 10_000), room.waiting, "Sockets of one room that have not said hello yet."),
  knocking: setting(whole(1, 10_000), room.knocking, "Newcomers who wait for a moderator."),
  helloWithin: setting(milliseconds, room.helloWithin, "Milliseconds in which a new socket must say hello."),
  grace: setting(
    milliseconds,
    room.grace,
    "Milliseconds for which a lost socket keeps its place: longer than a reload or a change of network, short enough that nobody talks to a ghost.",
  ),
  restartGrace: setting(
    milliseconds,
    room.restartGrace,
    "Milliseconds for which places are kept after a restart: a client that lost its server long ago tries again every 8 s.",
  ),
  emptyFor: setting(
    milliseconds,
    room.emptyFor,
    "Milliseconds without members after which a meeting is over, and its chat, polls and entries are deleted.",
  ),
  pingInterval: setting(
    milliseconds,
    room.pingInterval,
    "Milliseconds between a client's pings; silent for three of them, a socket is lost.",
  ),
  messageRate: setting(rate, room.messageRate, "Messages a second that one socket may send for long."),
  messageBurst: setting(rate, room.messageBurst, "Messages that one socket may send at once."),
  sessions: setting(whole(1, 64), room.sessions, "Media sessions of one participant that are alive at once."),
  mediaRate: setting(whole(1, 1_000), room.mediaRate, "Media requests a second of one participant, as Calls allows."),
  mediaBurst: setting(whole(1, 1_000), room.mediaBurst, "Media requests that one participant may make at once."),
  signalWindow: setting(milliseconds, room.signalWindow, "Milliseconds for which who speaks is gathered."),
  crowdWindow: setting(milliseconds, room.crowdWindow, "Milliseconds for which listeners and votes are counted."),
  signalRate: setting(
    whole(1, 1_000_000),
    room.signalRate,
    "Such messages a second to all members of a room together; with more members more is gathered into each.",
  ),
  signalsAtOnce: setting(whole(1, 1_000), room.signalsAtOnce, "Members of whom one such message tells."),
  deltasKept: setting(whole(1, 100_000), room.deltasKept, "Deltas, and chat events, kept for those who come back."),
  answersKept: setting(whole(1, 1_000), room.answersKept, "Answers to commands that are kept for one member."),
  departed: setting(whole(1, 100_000), room.departed, "Members away too long whose answers are still kept."),
  chatLength: setting(whole(1, 8_000), room.chatLength, "Characters of a chat message."),
  chatRate: setting(rate, room.chatRate, "Messages, edits and reactions a second of one member for long."),
  chatBurst: setting(rate, room.chatBurst, "Messages, edits and reactions of one member at once."),
  chatKept: setting(whole(1, 1_000_000), room.chatKept, "Chat messages of a meeting that can be read."),
  chatFor: setting(noted, room.chatFor, "Milliseconds for which a message can be read, in meetings that last longer."),
  hands: setting(whole(1, 10_000), room.hands, "Hands raised at once."),
  polls: setting(whole(0, 1_000), room.polls, "Polls of a meeting."),
  entries: setting(whole(0, 10_000), room.entries, "Shared entries of a room."),
  entryLength: setting(whole(1, 60_000), room.entryLength, "Characters of one entry's value as JSON."),
  entriesLength: setting(whole(1, 10_000_000), room.entriesLength, "Characters of all entries' values."),
  watches: setting(whole(1, 64), room.watches, "Prefixes of entries that one member may watch."),
  attributes: setting(whole(0, 32), room.attributes, "Attributes of one participant."),
  sampleInterval: setting(
    milliseconds,
    room.sampleInterval,
    "Milliseconds between two samples of its quality that are kept of one member.",
  ),
  reportRate: setting(rate, room.reportRate, "Reports a second that are kept of all members of a room together."),
  debugBytes: setting(notes, room.debugBytes, "Characters of what is noted of a room's calls for debugging."),
  debugFor: setting(noted, room.debugFor, "Milliseconds for which that is kept: a week."),
  timelineBytes: setting(notes, room.timelineBytes, "Characters of samples of quality that are kept of a room."),
  timelineFor: setting(noted, room.timelineFor, "Milliseconds for which those are kept: as long as meetings are."),
  notesPerMinute: setting(rate, room.notesPerMinute, "Notes a minute that are kept of one participant."),
  eventsKept: setting(whole(1, 1_000_000), room.eventsKept, "Events of a room that its log keeps."),
  deedsKept: setting(whole(0, 5_000), room.deedsKept, "Events of what moderators did that it keeps beyond those."),
  eventRate: setting(rate, room.eventRate, "Events a second that one person may cause for long."),
  eventBurst: setting(rate, room.eventBurst, "Events that one person may cause at once."),
  remembered: setting(whole(1, 100_000), room.remembered, "Banned people and revoked tokens that a room remembers."),
  acquainted: setting(whole(1, 1_000_000), room.acquainted, "People of whom a room remembers that they were let in."),
  passcodeTries: setting(whole(1, 10_000), room.passcodeTries, "Wrong passcodes a minute, from everybody together."),
});
