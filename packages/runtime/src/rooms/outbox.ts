/**
 * A room's events on their way to whoever keeps or delivers them: in order, at least once, also after a crash.
 *
 * The room stores its events in the turn that made them. Here is remembered how far they have been posted; what is not
 * yet is posted again when the room wakes. While anything is unposted the room has a deadline, so that it does wake.
 */
import type { Context } from "@satsuma/durable";
import type { RoomEvent } from "@satsuma/protocol";

/** Events that are posted at once. */
const atOnce = 200;
/** Milliseconds until the first new try; doubles to `longest`. */
const firstWait = 1_000;
const longest = 60_000;
const cursorKey = "posted";
const prefix = "event:";

type Post = (events: readonly RoomEvent[]) => Promise<void>;
type State =
  | { readonly state: "idle" }
  | { readonly state: "posting" }
  | { readonly state: "resting"; readonly until: number };

export class Outbox {
  readonly #context: Pick<Context, "storage" | "now" | "outside">;
  readonly #post: Post | undefined;
  readonly #moved: () => void;
  #unposted: RoomEvent[] = [];
  #state: State = { state: "idle" };
  #failures = 0;

  /** `moved` is called when the next deadline may be another, outside of any call. */
  constructor(context: Pick<Context, "storage" | "now" | "outside">, post: Post | undefined, moved: () => void) {
    this.#context = context;
    this.#post = post;
    this.#moved = moved;
  }

  async load(): Promise<void> {
    if (this.#post === undefined) return;
    const { storage } = this.#context;
    const cursor = (await storage.get<number>(cursorKey)) ?? 0;
    const start = `${prefix}${String(cursor + 1).padStart(16, "0")}`;
    this.#unposted = [...(await storage.list<RoomEvent>({ prefix, start })).values()];
    this.#go();
  }

  add(event: RoomEvent): void {
    if (this.#post === undefined) return;
    this.#unposted.push(event);
    this.#go();
  }

  nextDeadline(): number | undefined {
    switch (this.#state.state) {
      case "idle":
        return undefined;
      case "posting":
        // Should the process end meanwhile, nobody else would wake a room that has ended.
        return this.#context.now() + longest;
      case "resting":
        return this.#state.until;
    }
  }

  wake(): void {
    if (this.#state.state !== "resting" || this.#state.until > this.#context.now()) return;
    this.#state = { state: "idle" };
    this.#go();
  }

  #go(): void {
    const events = this.#unposted.slice(0, atOnce);
    const last = events.at(-1);
    const post = this.#post;
    if (post === undefined || last === undefined || this.#state.state !== "idle") return;
    this.#state = { state: "posting" };
    this.#context.outside(
      () => post(events),
      (outcome) => {
        if (outcome.ok) this.#posted(last.seq);
        else this.#failed();
        this.#moved();
      },
    );
  }

  #posted(seq: number): void {
    this.#failures = 0;
    this.#state = { state: "idle" };
    this.#unposted = this.#unposted.filter((event) => event.seq > seq);
    void this.#context.storage.put(cursorKey, seq);
    this.#go();
  }

  #failed(): void {
    const wait = Math.min(longest, firstWait * 2 ** this.#failures);
    this.#failures += 1;
    this.#state = { state: "resting", until: this.#context.now() + wait };
  }
}
