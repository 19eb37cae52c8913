/**
 * The whole state for the sockets of a dialect without deltas: at once when it has been quiet, and then at most once in a
 * window, however often the room changes.
 */
import type { Context } from "@satsuma/durable";
import type { SocketId } from "@satsuma/rooms";

export class Gather {
  readonly #context: Pick<Context, "now" | "outside">;
  readonly #windowMs: number;
  readonly #tell: (to: readonly SocketId[]) => void;
  readonly #owed = new Set<SocketId>();
  #next = 0;
  #waits = false;

  constructor(context: Pick<Context, "now" | "outside">, windowMs: number, tell: (to: readonly SocketId[]) => void) {
    this.#context = context;
    this.#windowMs = windowMs;
    this.#tell = tell;
  }

  owe(to: readonly SocketId[]): void {
    for (const id of to) this.#owed.add(id);
    if (this.#waits) return;
    this.#waits = true;
    const wait = this.#next - this.#context.now();
    if (wait <= 0) this.#pay();
    else {
      const asleep = () => new Promise<void>((resolve) => setTimeout(resolve, wait));
      this.#context.outside(asleep, () => this.#pay());
    }
  }

  #pay(): void {
    this.#waits = false;
    this.#next = this.#context.now() + this.#windowMs;
    const owed = [...this.#owed];
    this.#owed.clear();
    this.#tell(owed);
  }
}
