import { afterEach, expect, test, vi } from "vitest";
import { createBackground } from "./background.ts";

afterEach(() => vi.unstubAllGlobals());

/** A browser whose pictures cannot be read, and whose worker starts what it is told to, unless its pictures do not `flow`. */
function stubBrowser({ flow = true } = {}) {
  const looks: unknown[] = [];
  const workers = { made: 0, ended: 0 };
  class StubWorker {
    onmessage: ((event: { data: unknown }) => void) | undefined;
    constructor() {
      workers.made += 1;
      queueMicrotask(() => this.onmessage?.({ data: { told: "loaded" } }));
    }
    postMessage(message: { ask: string; look?: unknown; run?: number }): void {
      if (message.ask === "look") looks.push(message.look);
      if (message.ask === "start" && flow) this.onmessage?.({ data: { told: "flowing", run: message.run } });
    }
    terminate(): void {
      workers.ended += 1;
    }
  }
  class UnreadableImage {
    decode = () => Promise.reject(new Error("no picture"));
  }
  vi.stubGlobal("location", new URL("https://page.test/"));
  vi.stubGlobal("Worker", StubWorker);
  vi.stubGlobal("Image", UnreadableImage);
  vi.stubGlobal("OffscreenCanvas", class {});
  vi.stubGlobal(
    "MediaStreamTrackProcessor",
    class {
      readable = new ReadableStream();
    },
  );
  vi.stubGlobal(
    "MediaStreamTrackGenerator",
    class {
      writable = new WritableStream();
      stop(): void {}
    },
  );
  return { looks, workers };
}

test("after a picture that cannot be read another background can be chosen", async () => {
  const { looks } = stubBrowser();
  const background = createBackground({ assets: "/effects", look: { kind: "image", url: "/gone.png" } });
  const camera = {} as MediaStreamTrack;
  await expect(background.apply(camera)).rejects.toMatchObject({ code: "image-unreadable" });
  const shown = background.show({ kind: "blur", strength: 0.5 });
  const applied = await background.apply(camera);
  await shown;
  expect(looks.at(-1)).toEqual({ kind: "blur", strength: 0.5 });
  applied.stop();
});

test("a picture that cannot be read leaves the background that is shown", async () => {
  const { looks } = stubBrowser();
  const background = createBackground({ assets: "/effects", look: { kind: "blur", strength: 0.5 } });
  await expect(background.show({ kind: "image", url: "/gone.png" })).rejects.toMatchObject({
    code: "image-unreadable",
  });
  await background.apply({} as MediaStreamTrack);
  expect(looks).toEqual([{ kind: "blur", strength: 0.5 }]);
});

test("what is being begun when it is closed is not begun, and no worker stays", async () => {
  const { workers } = stubBrowser({ flow: false });
  const background = createBackground({ assets: "/effects", look: { kind: "blur" } });
  const early = background.apply({} as MediaStreamTrack);
  background.close();
  await expect(early).rejects.toMatchObject({ code: "effect-failed" });
  expect(workers.made).toBe(0);

  const waiting = background.apply({} as MediaStreamTrack);
  await vi.waitUntil(() => workers.made === 1);
  await new Promise((resolve) => setImmediate(resolve));
  background.close();
  await expect(waiting).rejects.toMatchObject({ code: "effect-failed" });
  expect(workers).toEqual({ made: 1, ended: 1 });
});
