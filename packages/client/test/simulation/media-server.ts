/** The real SFU in the model's time, over the model's paths; it can be ended and started anew. */
import { defaultLimits, Sfu } from "@satsuma/sfu";
import type { Clock, Planned } from "./clock.ts";
import type { Fate } from "./fate.ts";
import { Path } from "./path.ts";
import type { ModelPeerConnection } from "./peer-connection.ts";

export const app = "app";

export class MediaServer {
  sfu: Sfu;
  readonly #clock: Clock;
  readonly #fate: Fate;
  /** By our ufrag. */
  readonly #paths = new Map<string, Path>();
  #opened = 0;

  constructor(clock: Clock, fate: Fate) {
    this.#clock = clock;
    this.#fate = fate;
    this.sfu = this.#start();
  }

  get paths(): Iterable<Path> {
    return this.#paths.values();
  }

  connect(connection: ModelPeerConnection, ufrag: string): void {
    const path = this.#paths.get(ufrag);
    if (path) path.connect(connection);
    // It checks addresses at which nobody is any more, and learns nothing.
    else if (connection.connectionState === "new") connection.page.later(0, () => connection.enter("connecting"));
  }

  /** The process is killed and another one started: nobody is told. */
  restart(): void {
    for (const path of this.#paths.values()) path.kill();
    this.#paths.clear();
    this.sfu = this.#start();
  }

  #start(): Sfu {
    const clock = this.#clock;
    const { chance } = this.#fate;
    let alarm: Planned | undefined;
    const sfu: Sfu = new Sfu(
      {
        transports: {
          offer: () => Promise.reject(new Error("This client offers first.")),
          answer: async (remote, listener) => {
            this.#opened += 1;
            const ufrag = `sfu${String(this.#opened).padStart(6, "0")}`;
            const path = new Path(ufrag, remote, listener, { clock, fate: this.#fate });
            this.#paths.set(ufrag, path);
            return path;
          },
        },
        now: () => clock.now,
        setAlarm: (at) => {
          if (alarm) alarm.cancelled = true;
          alarm = at === undefined ? undefined : clock.plan(at - clock.now, () => this.sfu === sfu && sfu.wake());
        },
        newId: () => Array.from({ length: 4 }, () => chance.uint32().toString(16).padStart(8, "0")).join(""),
        random32: () => chance.uint32(),
      },
      defaultLimits,
    );
    return sfu;
  }
}
