/**
 * Notes of a room in the order they came, as few large records: bounded in bytes and in time, and read a page at a time.
 *
 * Notes are gathered for some seconds and written together; a process that is killed loses those. The newest record
 * grows until it is full, so that a quiet room does not fill its space with small ones.
 *
 * | key | holds |
 * |---|---|
 * | `<name>:<number>` | a record: some notes, and how many characters they have |
 */
import type { Context } from "@satsuma/durable";
import type { ApiPage, Note } from "@satsuma/protocol";

export interface NotebookBounds {
  /** Characters of all notes as JSON. */
  readonly bytes: number;
  /** Milliseconds. */
  readonly keptFor: number;
  /** Notes a minute that are kept of one participant: nobody's trouble pushes out everybody else's. */
  readonly perMinute: number;
}

export interface NotesWanted {
  readonly participant?: string | undefined;
  readonly meeting?: string | undefined;
  /** Of notes that name one. */
  readonly session?: string | undefined;
  /** `next` of the page before. */
  readonly after?: string | undefined;
  readonly limit: number;
}

interface Sheet {
  readonly notes: readonly Note[];
  readonly size: number;
}

/** Milliseconds in which notes are gathered. */
const window = 5_000;
/** Characters of a full record. */
const sheetSize = 16_384;
/** Records that are looked through for one page. */
const sheetsAtOnce = 32;
/** Records that are thrown away at once. */
const prunedAtOnce = 16;

export class Notebook {
  readonly #name: string;
  readonly #context: Pick<Context, "storage" | "now">;
  readonly #bounds: NotebookBounds;
  #gathered: Note[] = [];
  #writeAt = Number.POSITIVE_INFINITY;
  /** The newest record, which may grow; and the numbers of both ends. */
  #sheet: Sheet = { notes: [], size: 0 };
  #last = 1;
  #first = 1;
  /** When the oldest note was made. */
  #since: number | undefined;
  readonly #minute = { number: 0, counts: new Map<string, number>() };

  constructor(name: string, context: Pick<Context, "storage" | "now">, bounds: NotebookBounds) {
    this.#name = name;
    this.#context = context;
    this.#bounds = bounds;
  }

  async load(): Promise<void> {
    const { storage } = this.#context;
    const prefix = `${this.#name}:`;
    const [oldest] = await storage.list<Sheet>({ prefix, limit: 1 });
    const [newest] = await storage.list<Sheet>({ prefix, limit: 1, reverse: true });
    if (oldest === undefined || newest === undefined) return;
    this.#first = Number(oldest[0].slice(prefix.length));
    this.#since = oldest[1].notes[0]?.at;
    this.#last = Number(newest[0].slice(prefix.length));
    this.#sheet = newest[1];
  }

  add(note: Note): void {
    if (!this.#mayAdd(note)) return;
    this.#gathered.push(note);
    this.#writeAt = Math.min(this.#writeAt, this.#context.now() + window);
  }

  nextDeadline(): number {
    const expiry = this.#since === undefined ? Number.POSITIVE_INFINITY : this.#since + this.#bounds.keptFor;
    return Math.min(this.#writeAt, expiry);
  }

  /** To be called when its deadline may have come; done when what is to go is gone. */
  async wake(): Promise<void> {
    const now = this.#context.now();
    if (this.#writeAt <= now) this.write();
    if (this.#isTooLong() || this.#isTooOld(now)) await this.#prune(now);
  }

  /** Oldest first. Looks through a bounded number of notes, so a page may be short and still have a next one. */
  async page(wanted: NotesWanted): Promise<ApiPage<Note>> {
    this.write();
    const [number = 0, position = 0] = (wanted.after ?? "").split(".").map(Number);
    const start = this.#key(Number.isSafeInteger(number) ? Math.max(number, this.#first) : this.#first);
    const prefix = `${this.#name}:`;
    const found = await this.#context.storage.list<Sheet>({ prefix, start, limit: sheetsAtOnce });
    const items: Note[] = [];
    for (const [key, { notes }] of found) {
      const sheet = Number(key.slice(prefix.length));
      for (let index = sheet === number ? position : 0; index < notes.length; index++) {
        const note = notes[index];
        if (note === undefined || !isWanted(note, wanted)) continue;
        if (items.length === wanted.limit) return { items, next: `${sheet}.${index}` };
        items.push(note);
      }
    }
    const after = Number([...found.keys()].at(-1)?.slice(prefix.length) ?? this.#last) + 1;
    return { items, next: after <= this.#last ? `${after}.0` : null };
  }

  #mayAdd({ at, participant }: Note): boolean {
    const minute = this.#minute;
    const number = Math.floor(at / 60_000);
    if (number !== minute.number) minute.counts.clear();
    minute.number = number;
    const count = (minute.counts.get(participant) ?? 0) + 1;
    minute.counts.set(participant, count);
    return count <= this.#bounds.perMinute;
  }

  /** Writes down what was gathered, at once. */
  write(): void {
    this.#writeAt = Number.POSITIVE_INFINITY;
    const sheets: Record<string, Sheet> = {};
    for (const note of this.#gathered) {
      const size = JSON.stringify(note).length;
      if (this.#sheet.size > 0 && this.#sheet.size + size > sheetSize) {
        this.#last += 1;
        this.#sheet = { notes: [], size: 0 };
      }
      this.#sheet = { notes: [...this.#sheet.notes, note], size: this.#sheet.size + size };
      this.#since ??= note.at;
      sheets[this.#key(this.#last)] = this.#sheet;
    }
    this.#gathered = [];
    if (Object.keys(sheets).length > 0) void this.#context.storage.put(sheets);
  }

  #isTooLong(): boolean {
    return (this.#last - this.#first + 1) * sheetSize > Math.max(this.#bounds.bytes, 2 * sheetSize);
  }

  #isTooOld(now: number): boolean {
    return this.#since !== undefined && this.#since + this.#bounds.keptFor <= now;
  }

  async #prune(now: number): Promise<void> {
    const { storage } = this.#context;
    for (let thrown = 0; thrown < prunedAtOnce && this.#first <= this.#last; thrown++) {
      const sheet = await storage.get<Sheet>(this.#key(this.#first));
      this.#since = sheet?.notes[0]?.at;
      const youngest = sheet?.notes.at(-1)?.at ?? 0;
      const tooOld = youngest + this.#bounds.keptFor <= now;
      if (!this.#isTooLong() && !tooOld) {
        // Some of its notes are older than they should be; it goes when the youngest has to.
        this.#since = youngest;
        return;
      }
      void storage.delete(this.#key(this.#first));
      this.#first += 1;
    }
    if (this.#first > this.#last) this.#begin();
  }

  /** All are gone. Numbers go on, so that a page that was begun is not taken for another. */
  #begin(): void {
    this.#last = this.#first;
    this.#sheet = { notes: [], size: 0 };
    this.#since = undefined;
  }

  #key(number: number): string {
    return `${this.#name}:${String(number).padStart(16, "0")}`;
  }
}

function isWanted(note: Note, { participant, meeting, session }: NotesWanted): boolean {
  if (participant !== undefined && note.participant !== participant) return false;
  if (meeting !== undefined && note.meeting !== meeting) return false;
  return session === undefined || ("session" in note && note.session === session);
}
