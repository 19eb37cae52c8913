import { defaultOrangeSettings, type OrangeSettings } from "./orange/settings.ts";

/** Every number of a room that can be set. Units stand beside the names, reasons beside the defaults. */
export interface RoomSettings {
  /** Participants on stage, those whose place is being kept included. */
  readonly participants: number;
  /** Listeners, those whose place is being kept included. */
  readonly listeners: number;
  /** Sockets that have not said hello yet. */
  readonly waiting: number;
  /** Newcomers who wait for a moderator. */
  readonly knocking: number;
  /** Milliseconds in which a new socket must say hello. */
  readonly helloWithin: number;
  /** Milliseconds for which a lost socket keeps its participant's place. */
  readonly grace: number;
  /** The same of a page that was closed or is being reloaded. Never longer than `grace`. */
  readonly leavingGrace: number;
  /** Milliseconds for which a room that was read back keeps everybody's place. Never shorter than `grace`. */
  readonly restartGrace: number;
  /** Milliseconds without members after which a meeting is over. */
  readonly emptyFor: number;
  /** Milliseconds between two pings of a client. A socket silent for three of them is lost. */
  readonly pingInterval: number;
  /** Messages per second that one socket may send for long; what is long or asks for much counts for several. */
  readonly messageRate: number;
  /** Messages that one socket may send at once. As many again are refused before the socket is closed. */
  readonly messageBurst: number;
  /** Media sessions of one participant that are alive at once. */
  readonly sessions: number;
  /** Media requests per second that one participant may make for long. */
  readonly mediaRate: number;
  /** Media requests that one participant may make at once. */
  readonly mediaBurst: number;
  /** Milliseconds for which signals are gathered before everyone is told. */
  readonly signalWindow: number;
  /** Milliseconds for which what a crowd does is gathered: how many listen, how votes stand. */
  readonly crowdWindow: number;
  /** Such messages per second to all members together; with more members more is gathered into each. */
  readonly signalRate: number;
  /** Members of whom one such message may tell. */
  readonly signalsAtOnce: number;
  /** Deltas, and as many chat events, that are kept for those who come back, while they still can. */
  readonly deltasKept: number;
  /** Answers to commands that are kept for one member. */
  readonly answersKept: number;
  /** Members whose time was over, whose answers are kept until they come back. */
  readonly departed: number;
  /** Characters of a chat message. */
  readonly chatLength: number;
  /** Chat messages, edits and reactions per second that one member may send for long. */
  readonly chatRate: number;
  /** The same at once. */
  readonly chatBurst: number;
  /** Messages of a meeting that can be read. */
  readonly chatKept: number;
  /** Milliseconds for which a message can be read, if its meeting lasts that long. */
  readonly chatFor: number;
  /** Hands raised at once. */
  readonly hands: number;
  /** Polls of a meeting. */
  readonly polls: number;
  /** Shared entries. */
  readonly entries: number;
  /** Characters of one entry's value as JSON. */
  readonly entryLength: number;
  /** Characters of all entries' values. */
  readonly entriesLength: number;
  /** Prefixes that one member may watch. */
  readonly watches: number;
  /** Attributes of a participant. */
  readonly attributes: number;
  /** Milliseconds between two samples of its quality that are kept of one member for long. */
  readonly sampleInterval: number;
  /** Reports per second that are kept of all members together for long. */
  readonly reportRate: number;
  /** Characters of notes that are kept of one room for debugging, as JSON; and for how many milliseconds. */
  readonly debugBytes: number;
  readonly debugFor: number;
  /** The same of samples of quality, along a room's meetings. */
  readonly timelineBytes: number;
  readonly timelineFor: number;
  /** Notes a minute that are kept of one participant. */
  readonly notesPerMinute: number;
  /** Events of a room that are kept. */
  readonly eventsKept: number;
  /** Events of what moderators did that are kept beyond those. */
  readonly deedsKept: number;
  /** Events per second that one person may cause for long, ends of what was begun included. */
  readonly eventRate: number;
  /** The same at once. */
  readonly eventBurst: number;
  /** Banned people and revoked tokens that are remembered. */
  readonly remembered: number;
  /** People of whom the room remembers in a meeting that they were let in, or what they were made. */
  readonly acquainted: number;
  /** Wrong passcodes a minute, from everybody together. */
  readonly passcodeTries: number;
  readonly orange: OrangeSettings;
}

export const defaultRoomSettings: RoomSettings = {
  // Everyone gets the full state once and every delta: a thousand on stage is what one core carries.
  participants: 1_000,
  // They are only counted, so a listener costs a socket and what is sent to it.
  listeners: 10_000,
  // A thousand people who press Join in the same second all fit; a flood of silent sockets does not.
  waiting: 1_000,
  // More than a moderator can look through by hand.
  knocking: 1_000,
  // The hello is the first thing a client sends: ten seconds cover a phone on a bad network, twice.
  helloWithin: 10_000,
  // A page reload takes 1–3 s and a change from Wi-Fi to mobile 3–8 s. Longer would leave ghosts of people who are gone.
  grace: 10_000,
  // A reload is back by then; of a closed tab nobody should wait to see that it is gone.
  leavingGrace: 3_000,
  // The room may be read back seconds before anybody can reach it; after a long outage a client tries every 8 s only; and
  // then all of them come at once.
  restartGrace: 20_000,
  // The last one leaves and comes back, or the only two of a call reload: that is still one meeting.
  emptyFor: 15_000,
  // Orange's interval. Three missed pings are 15 s, less than the 30 s after which the media side gives up.
  pingInterval: 5_000,
  // A person pressing buttons makes 3 a second, a page that renews all its tracks 20 at once.
  messageRate: 20,
  messageBurst: 60,
  // One in use; the others are of reloads and rebuilds that the media server has not yet seen end (30 s).
  sessions: 8,
  // Calls allows 50 requests a second per session.
  mediaRate: 50,
  mediaBurst: 100,
  // Nobody sees 50 ms in a frame around a speaker, and it makes twenty messages a second out of a thousand.
  signalWindow: 50,
  // Numbers that grow: twice a second is fluent, and a thousand who come in at once are ten messages.
  crowdWindow: 500,
  // A fifth of what one core sends. A thousand members have 50 ms, ten thousand half a second.
  signalRate: 20_000,
  // 25 ids of 36 characters are 1 kB: at twenty a second 20 kB/s for each reader, however many speak.
  signalsAtOnce: 25,
  // Ten seconds of grace at a hundred changes a second.
  deltasKept: 1_000,
  // As many commands as a client may have unanswered.
  answersKept: 32,
  // Those who were cut off in the last minutes of a large room.
  departed: 500,
  // Two pages of text.
  chatLength: 4_000,
  // A fast writer sends one message in two seconds; ten at once are somebody pasting lines.
  chatRate: 2,
  chatBurst: 10,
  // A day of a busy room.
  chatKept: 10_000,
  // A room that is kept and never empty: what was said a month ago is nobody's to be found any more.
  chatFor: 30 * 24 * 3_600_000,
  // What a host can look through.
  hands: 200,
  polls: 50,
  // Notes, timers, a whiteboard's settings; a document belongs elsewhere.
  entries: 500,
  entryLength: 16_384,
  entriesLength: 524_288,
  watches: 16,
  attributes: 16,
  // A line that is drawn of an hour has 360 points.
  sampleInterval: 10_000,
  // A thousand on stage who report as often as they may, at about 500 bytes each.
  reportRate: 100,
  // Some 25,000 notes: all of a week's calls of ten people who meet every day.
  debugBytes: 4_194_304,
  debugFor: 7 * 24 * 3_600_000,
  // Thirty hours of ten people's samples; for as long as their meeting is in the history.
  timelineBytes: 16_777_216,
  timelineFor: 92 * 24 * 3_600_000,
  // A page that rebuilds its connection ten times a minute makes a hundred.
  notesPerMinute: 200,
  // A year of daily meetings of ten people, at about 300 bytes each.
  eventsKept: 10_000,
  // A dozen a day for half a year. Their numbers are one record, of 16 kB then.
  deedsKept: 2_000,
  // Four tracks that are rebuilt fifteen times a minute; and sixteen of them seven times at once.
  eventRate: 2,
  eventBurst: 240,
  remembered: 1_000,
  // Everybody whom the room takes, twice: at 100 bytes each.
  acquainted: 20_000,
  // A room full of people mistyping; a guesser of four digits needs a day for half of them.
  passcodeTries: 30,
  orange: defaultOrangeSettings,
};
