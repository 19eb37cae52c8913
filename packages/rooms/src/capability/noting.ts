/** What of a turn is a note of somebody: chosen from what happens anyway, and never read by the room itself. */
import type { Noted, Occurrence } from "@satsuma/protocol";
import type { RoomData } from "../data.ts";
import { devicesOf } from "../devices.ts";

export interface About {
  readonly participant: string;
  readonly noted: Noted;
}

/** Whom an event of the log is about. One about a person is about each of their devices. */
export function notesOf(event: Occurrence, data: RoomData): About[] {
  switch (event.type) {
    case "room-started":
    case "room-ended":
    case "recording-started":
    case "recording-stopped":
      return [];
    case "moderated": {
      const { did, by, who } = event;
      const noted: Noted = { note: "event", event: event.type, did, by: by.identity };
      if (who === undefined) return [];
      if (who.participant !== undefined) return [{ participant: who.participant, noted }];
      return devicesOf(data, [who.identity]).map(({ id }) => ({ participant: id, noted }));
    }
    case "participant-left":
      return [{ participant: event.who.participant, noted: { note: "event", event: event.type, why: event.why } }];
    case "track-published":
    case "track-unpublished":
      return [{ participant: event.who.participant, noted: { note: "event", event: event.type, track: event.track } }];
    case "participant-joined":
    case "participant-renamed":
      return [{ participant: event.who.participant, noted: { note: "event", event: event.type } }];
  }
}
