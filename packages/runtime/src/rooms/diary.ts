/**
 * A room's two notebooks: what happened to whom, for debugging, and how good each member's media was, as a timeline of its
 * meetings.
 */
import type { Context } from "@satsuma/durable";
import type { ApiPage, Note } from "@satsuma/protocol";
import type { RoomSettings } from "@satsuma/rooms";
import { Notebook, type NotesWanted } from "./notebook.ts";

export type DiaryPart = "debug" | "timeline";

export class Diary {
  readonly #parts: Readonly<Record<DiaryPart, Notebook>>;

  constructor(context: Pick<Context, "storage" | "now">, settings: RoomSettings) {
    const { debugBytes, debugFor, timelineBytes, timelineFor, notesPerMinute: perMinute } = settings;
    this.#parts = {
      debug: new Notebook("debug", context, { bytes: debugBytes, keptFor: debugFor, perMinute }),
      timeline: new Notebook("timeline", context, { bytes: timelineBytes, keptFor: timelineFor, perMinute }),
    };
  }

  async load(): Promise<void> {
    for (const part of Object.values(this.#parts)) await part.load();
  }

  add(note: Note): void {
    if (note.note !== "sample") this.#parts.debug.add(note);
    if (note.note === "sample" || note.note === "quality") this.#parts.timeline.add(note);
  }

  nextDeadline(): number {
    return Math.min(this.#parts.debug.nextDeadline(), this.#parts.timeline.nextDeadline());
  }

  /** Writes down what was gathered, at once. */
  write(): void {
    for (const part of Object.values(this.#parts)) part.write();
  }

  async wake(): Promise<void> {
    await Promise.all(Object.values(this.#parts).map((part) => part.wake()));
  }

  page(part: DiaryPart, wanted: NotesWanted): Promise<ApiPage<Note>> {
    return this.#parts[part].page(wanted);
  }
}
