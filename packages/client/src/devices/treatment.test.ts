import { expect, test } from "vitest";
import { type AppliedEffect, EffectError, type EffectReason, type TrackEffect } from "./effect.ts";
import { type Treated, Treatment } from "./treatment.ts";

/** A track is only handed on here; what is asked of it is its name and whether it may be heard. */
const track = (id: string) => ({ id, enabled: true }) as MediaStreamTrack;

class Effect implements TrackEffect {
  readonly holds: boolean;
  readonly asked: { source: string; answer: PromiseWithResolvers<AppliedEffect> }[] = [];
  readonly stopped: string[] = [];

  constructor(holds = true) {
    this.holds = holds;
  }

  apply(source: MediaStreamTrack): Promise<AppliedEffect> {
    const answer = Promise.withResolvers<AppliedEffect>();
    this.asked.push({ source: source.id, answer });
    return answer.promise;
  }

  /** Answers the newest request with a track of this name; gives what ends the effect. */
  async works(id: string, over = Promise.withResolvers<EffectReason>()): Promise<(why: EffectReason) => Promise<void>> {
    this.asked.at(-1)?.answer.resolve({ track: track(id), over: over.promise, stop: () => this.stopped.push(id) });
    await settled();
    return async (why) => {
      over.resolve(why);
      await settled();
    };
  }

  async fails(thrown: unknown): Promise<void> {
    this.asked.at(-1)?.answer.reject(thrown);
    await settled();
  }
}

async function settled(): Promise<void> {
  for (let turn = 0; turn < 10; turn += 1) await Promise.resolve();
}

function start() {
  const told: Treated[] = [];
  const treatment = new Treatment((treated) => told.push(treated));
  const now = () => {
    const { sent, effect } = told.at(-1) ?? { sent: undefined, effect: { state: "none" as const } };
    return [sent?.id, effect.state, effect.state === "off" ? effect.reason : undefined];
  };
  return { treatment, told, now };
}

test("without an effect others get the device as it is", () => {
  const { treatment, now } = start();
  treatment.feed(track("camera"));
  expect(now()).toEqual(["camera", "none", undefined]);
  treatment.feed(undefined);
  expect(now()).toEqual([undefined, "none", undefined]);
});

test("a holding effect that was chosen before lets nothing through until it is there", async () => {
  const { treatment, told, now } = start();
  const blur = new Effect();
  treatment.set(blur);
  treatment.feed(track("camera"));
  expect(now()).toEqual([undefined, "starting", undefined]);
  await blur.works("blurred");
  expect(now()).toEqual(["blurred", "on", undefined]);
  expect(told.some(({ sent }) => sent?.id === "camera")).toBe(false);
});

test("one that hides nothing lets the device through meanwhile", () => {
  const { treatment, now } = start();
  treatment.set(new Effect(false));
  treatment.feed(track("microphone"));
  expect(now()).toEqual(["microphone", "starting", undefined]);
});

test("chosen while others see the device, it takes over when it is there", async () => {
  const { treatment, now } = start();
  const blur = new Effect();
  treatment.feed(track("camera"));
  treatment.set(blur);
  expect(now()).toEqual(["camera", "starting", undefined]);
  await blur.works("blurred");
  treatment.set(undefined);
  expect(now()).toEqual(["camera", "none", undefined]);
  expect(blur.stopped).toEqual(["blurred"]);
});

test("another device is treated again, and its picture never shows untreated", async () => {
  const { treatment, told, now } = start();
  const blur = new Effect();
  treatment.set(blur);
  treatment.feed(track("first"));
  await blur.works("blurred-first");
  treatment.feed(track("second"));
  expect(now()).toEqual(["blurred-first", "starting", undefined]);
  await blur.works("blurred-second");
  expect(now()).toEqual(["blurred-second", "on", undefined]);
  expect(blur.stopped).toEqual(["blurred-first"]);
  expect(told.map(({ sent }) => sent?.id)).not.toContain("second");
});

test("what does not load is told with its reason, and the camera goes on", async () => {
  const { treatment, now } = start();
  const blur = new Effect();
  treatment.set(blur);
  treatment.feed(track("camera"));
  await blur.fails(new EffectError("effect-not-loaded"));
  expect(now()).toEqual(["camera", "off", "effect-not-loaded"]);
});

test("one that gave up stays off over a change of device, until it is chosen again", async () => {
  const { treatment, now } = start();
  const blur = new Effect();
  treatment.set(blur);
  treatment.feed(track("first"));
  const end = await blur.works("blurred");
  await end("machine-too-weak");
  expect(now()).toEqual(["first", "off", "machine-too-weak"]);
  treatment.feed(track("second"));
  expect(now()).toEqual(["second", "off", "machine-too-weak"]);
  expect(blur.asked).toHaveLength(1);
  treatment.set(blur);
  expect(now()).toEqual(["second", "starting", undefined]);
  expect(blur.stopped).toEqual(["blurred"]);
});

test("late answers to an earlier wish are ended and change nothing", async () => {
  const { treatment, now } = start();
  const slow = new Effect();
  treatment.set(slow);
  treatment.feed(track("camera"));
  treatment.set(undefined);
  await slow.works("late");
  expect(now()).toEqual(["camera", "none", undefined]);
  expect(slow.stopped).toEqual(["late"]);
  const failing = new Effect();
  treatment.set(failing);
  treatment.feed(undefined);
  await failing.fails(new Error("late"));
  expect(now()).toEqual([undefined, "none", undefined]);
});

test("a treated voice is muted with its microphone, and comes muted if it comes late", async () => {
  const { treatment, told } = start();
  const quiet = new Effect(false);
  treatment.set(quiet);
  treatment.enable(false);
  treatment.feed(track("microphone"));
  await quiet.works("clean");
  expect(told.at(-1)?.sent).toMatchObject({ id: "clean", enabled: false });
  treatment.enable(true);
  expect(told.at(-1)?.sent).toMatchObject({ id: "clean", enabled: true });
});
