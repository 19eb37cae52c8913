import { afterEach, expect, test, vi } from "vitest";
import { createBackground } from "./background.ts";

afterEach(() => vi.unstubAllGlobals());

/** A browser whose pictures cannot be read, and whose worker starts what it is told to. */
function stubBrowser(): { readonly looks: unknown[] } {
  const looks: unknown[] = [];
  class StubWorker {
    onmessage: ((event: { data: unknown }) => void) | undefined;
    constructor() {
      queueMicrotask(() => this.onmessage?.({ data: { told: "loaded" } }));
    }
    postMessage(message: { ask: string; look?: unknown; run?: number }): void {
      if (message.ask === "look") looks.push(message.look);
      if (message.ask === "start") this.onmessage?.({ data: { told: "flowing", run: message.run } });
    }
    terminate(): void {}
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
  return { looks };
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
