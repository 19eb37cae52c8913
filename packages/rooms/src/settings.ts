import { defaultOrangeSettings, type OrangeSettings } from "./orange/settings.ts";

/** Every number of a room that can be set. Units stand beside the names, reasons beside the defaults. */
export interface RoomSettings {
  /** Participants, those whose place is being kept included. */
  readonly participants: number;
  /** Sockets that have not said hello yet. */
  readonly waiting: number;
  /** Milliseconds in which a new socket must say hello. */
  readonly helloWithin: number;
  /** Milliseconds for which a lost socket keeps its participant's place. */
  readonly grace: number;
  /** Milliseconds between two pings of a client. A socket silent for three of them is lost. */
  readonly pingInterval: number;
  /** Messages per second that one socket may send for long. */
  readonly messageRate: number;
  /** Messages that one socket may send at once. As many again are refused before the socket is closed. */
  readonly messageBurst: number;
  /** Media sessions of one participant that are alive at once. */
  readonly sessions: number;
  /** Media requests per second that one participant may make for long. */
  readonly mediaRate: number;
  /** Media requests that one participant may make at once. */
  readonly mediaBurst: number;
  readonly orange: OrangeSettings;
}

export const defaultRoomSettings: RoomSettings = {
  // Full state and every delta go to everyone; a hundred is measured, thousands are another issue.
  participants: 100,
  // A hundred people who press Join in the same second all fit; a flood of silent sockets does not.
  waiting: 100,
  // The hello is the first thing a client sends: ten seconds cover a phone on a bad network, twice.
  helloWithin: 10_000,
  // A page reload takes 1–3 s and a change from Wi-Fi to mobile 3–8 s. Longer would leave ghosts of people who are gone.
  grace: 10_000,
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
  orange: defaultOrangeSettings,
};
