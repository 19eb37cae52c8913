import { roleGrants } from "@satsuma/protocol";
import { expect, test, vi } from "vitest";
import type { LocalMedia, LocalView } from "./devices/local.ts";
import { Exchange, type ExchangeOptions } from "./exchange.ts";

/** Devices that are on, and do as they are told. */
function devices() {
  const track = { getSettings: () => ({ height: 720 }) } as MediaStreamTrack;
  const input = (on: boolean) => ({ on, track: on ? track : undefined, sent: on ? track : undefined });
  let view = { microphone: input(true), camera: input(true) };
  return {
    snapshot: () => view as LocalView,
    setMicrophone: vi.fn(async (on: boolean) => {
      view = { ...view, microphone: input(on) };
    }),
    setCamera: vi.fn(async (on: boolean) => {
      view = { ...view, camera: input(on) };
    }),
    screens: { snapshot: () => [], stop: vi.fn() },
  };
}

function exchanging(local: ReturnType<typeof devices>): Exchange {
  return new Exchange({
    local: local as unknown as LocalMedia,
    iceServers: [],
    policy: () => undefined,
    unseen: true,
    changed: () => {},
    announce: () => {},
  } as unknown as ExchangeOptions);
}

test("what one may not send is switched off and not sent, and being let on stage switches nothing on", () => {
  const local = devices();
  const exchange = exchanging(local);
  exchange.send();
  expect([exchange.link.sends("microphone"), exchange.link.sends("camera")]).toEqual([true, true]);
  exchange.allow(roleGrants.listener);
  expect(local.setMicrophone.mock.calls).toEqual([[false]]);
  expect(local.setCamera.mock.calls).toEqual([[false]]);
  expect(local.screens.stop).toHaveBeenCalledOnce();
  expect([exchange.link.sends("microphone"), exchange.link.sends("camera")]).toEqual([false, false]);
  exchange.allow(roleGrants.listener);
  exchange.allow(roleGrants.speaker);
  expect(local.setMicrophone).toHaveBeenCalledOnce();
  expect(local.setCamera).toHaveBeenCalledOnce();
  expect(exchange.link.sends("camera")).toBe(false);
});

test("a camera that is switched on by somebody who may only speak is not sent", async () => {
  const local = devices();
  const exchange = exchanging(local);
  exchange.allow(["subscribe", "microphone"]);
  await local.setCamera(true);
  exchange.send();
  expect([exchange.link.sends("microphone"), exchange.link.sends("camera")]).toEqual([true, false]);
});
