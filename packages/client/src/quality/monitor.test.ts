import { expect, test } from "vitest";
import { type Circumstances, Monitor, type QualityEvent } from "./monitor.ts";
import type { ConnectionSample, TrackSample } from "./sample.ts";

const silentTrack: TrackSample = {
  key: "",
  kind: "video",
  bitrate: 0,
  loss: 0,
  jitter: 5,
  roundTrip: undefined,
  audioLevel: undefined,
  width: 640,
  height: 360,
  frameRate: 0,
  frozen: 0,
  concealed: undefined,
  limitation: undefined,
};

const flowing = { ...silentTrack, bitrate: 500_000, frameRate: 30 };

const calm: Circumstances = {
  connected: true,
  device: false,
  expected: [
    { key: "anna", participant: "anna", camera: true },
    { key: "ben", participant: "ben", camera: true },
  ],
  reported: new Map(),
};

const calmTracks = [
  { ...flowing, key: "anna" },
  { ...flowing, key: "ben" },
];

/** A call that is looked at every second. */
class Call {
  readonly monitor = new Monitor();
  readonly events: QualityEvent[] = [];
  #now = 0;

  run(seconds: number, sample: Partial<ConnectionSample> = {}, circumstances: Partial<Circumstances> = {}): this {
    for (let second = 0; second < seconds; second += 1) {
      this.#now += 1_000;
      const whole: ConnectionSample = {
        at: this.#now,
        duration: 1_000,
        received: calmTracks,
        sent: [{ ...flowing, key: "0", limitation: "none" }],
        roundTrip: 20,
        availableOutgoing: 2_000_000,
        lossIn: 0,
        lossOut: 0,
        relayed: false,
        ...sample,
      };
      this.events.push(...this.monitor.handle(whole, { ...calm, ...circumstances }, this.#now));
    }
    return this;
  }
}

test("a calm call raises nothing, and everybody is well", () => {
  const { monitor, events } = new Call().run(60);
  expect(events).toEqual([]);
  expect(monitor.view()).toMatchObject({ own: { level: "good" }, rung: 0, lossIn: 0 });
  expect([...monitor.view().others.values()].every(({ level }) => level === "good")).toBe(true);
});

test("loss on the way out is one's own network up, told once, and cleared once", () => {
  const call = new Call().run(10).run(30, { lossOut: 0.15 });
  expect(call.monitor.view().own).toMatchObject({ level: "poor", cause: "network-up" });
  call.run(60);
  const own = call.events.filter(({ event }) => event === "alert" || event === "cleared");
  expect(own.map(({ event }) => event)).toEqual(["alert", "cleared"]);
  expect(own[0]).toMatchObject({ alert: { participant: undefined, cause: "network-up" } });
});

test("loss on all that comes is one's own network down, on one alone it is theirs", () => {
  const lossy = calmTracks.map((track) => ({ ...track, loss: 0.2, frozen: 0.3 }));
  const all = new Call().run(30, { received: lossy });
  expect(all.monitor.view().own).toMatchObject({ level: "poor", cause: "network-down" });
  expect(all.monitor.view().others.get("anna")).toMatchObject({ level: "poor", cause: "network-down" });
  const one = new Call().run(30, { received: [lossy[0] as TrackSample, calmTracks[1] as TrackSample] });
  expect(one.monitor.view().others.get("anna")).toMatchObject({ level: "poor", cause: "remote" });
  expect(one.monitor.view().others.get("ben")).toMatchObject({ level: "good" });
});

test("a track without bytes is dead after ten seconds, told once, and alive again with the next byte", () => {
  const still = [{ ...silentTrack, key: "anna", frameRate: undefined }, calmTracks[1] as TrackSample];
  const call = new Call().run(5).run(9, { received: still });
  expect(call.events).toEqual([]);
  call.run(20, { received: still });
  expect(call.events.filter(({ event }) => event === "dead")).toEqual([
    { event: "dead", key: "anna", participant: "anna" },
  ]);
  expect(call.monitor.view().others.get("anna")).toMatchObject({ level: "lost", cause: "remote" });
  call.run(40);
  expect(call.monitor.view().others.get("anna")).toMatchObject({ level: "good" });
});

test("what another says of themselves counts", () => {
  const call = new Call().run(5, {}, { reported: new Map([["ben", "poor"]]) });
  expect(call.monitor.view().others.get("ben")).toMatchObject({ level: "poor", cause: "remote" });
});

test("a slow processor steps down, says so, and steps up again", () => {
  const limited = [{ ...flowing, key: "0", limitation: "cpu" as const }];
  const call = new Call().run(20, { sent: limited });
  expect(call.monitor.view().own.cause).toBe("cpu");
  expect(call.monitor.step.height).toBe(400);
  call.run(120);
  expect(call.monitor.view().rung).toBe(0);
  const steps = call.events.filter(({ event }) => event === "stepped");
  expect(steps.map((event) => event.event === "stepped" && event.down)).toEqual([true, true, false, false]);
});

test("a screen that stands still is no stutter", () => {
  const received = [{ ...flowing, key: "anna", frameRate: 0 }];
  const expected = [{ key: "anna", participant: "anna", camera: false }];
  expect(new Call().run(60, { received }, { expected }).events).toEqual([]);
});

test("whoever is gone has no verdict, and their alert is cleared", () => {
  const dead = new Call().run(20, { received: [] });
  dead.run(1, {}, { expected: [] });
  expect(dead.monitor.view().others.size).toBe(0);
  expect(dead.events.filter(({ event }) => event === "cleared")).toHaveLength(2);
});
