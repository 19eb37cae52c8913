/**
 * What a participant may do, one word per action, and the roles that name sets of them.
 *
 * A token names a role, or grants of its own; the room checks every command and every media request against them. Room
 * rules may withhold grants from everyone who does not moderate.
 */
import type { TrackSource } from "./state.ts";

export const grants = [
  /** Publish from this source. */
  "microphone",
  "camera",
  /** A screen and its sound. */
  "screen",
  /** Receive what others publish. */
  "subscribe",
  "chat",
  /** Messages to one person. */
  "direct",
  "react",
  /** Ask to be let on stage. */
  "raise",
  "rename",
  "vote",
  /** Open polls, and close one's own. */
  "poll",
  /** Write the room's shared entries; everyone reads them. */
  "state",
  /** Data of an app's own to other members. */
  "relay",
  "record",
  "ai",
  /** Mute, stop and remove others, admit, change roles and rules, end the meeting, and what only moderators see. */
  "moderate",
] as const;

export type Grant = (typeof grants)[number];

/** What publishing from a source needs. */
export const trackGrants: Readonly<Record<TrackSource, Grant>> = {
  microphone: "microphone",
  camera: "camera",
  screen: "screen",
  "screen-audio": "screen",
};

export type Role = "host" | "speaker" | "listener";

const listener: readonly Grant[] = ["subscribe", "chat", "react", "raise", "rename", "vote"];
const speaker: readonly Grant[] = [
  ...listener,
  "microphone",
  "camera",
  "screen",
  "direct",
  "poll",
  "state",
  "relay",
  "record",
  "ai",
];

/** What each role may do unless a token or a moderator says otherwise. */
export const roleGrants: Readonly<Record<Role, readonly Grant[]>> = {
  host: [...speaker, "moderate"],
  speaker,
  /** Listeners are counted, not listed: a webinar may have thousands. */
  listener,
};
