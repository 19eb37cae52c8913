/** Effects in a real Chromium, on pictures and sound made in the page: what comes out is looked at, pixel by pixel. */
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import type { Bench, Looked } from "./page.ts";
import { Stage } from "./stage.ts";

const assets = "/effects/";
const film = { width: 640, height: 360 };
const pictures = 15;
/** Tests run on machines that are busy with others; whether that is too much is a test of its own. */
const patient = { share: Number.POSITIVE_INFINITY };
const blur = { look: { kind: "blur", strength: 0.6 }, assets, budget: patient } as const;

let stage: Stage;

beforeAll(async () => {
  stage = await Stage.start();
});

beforeEach(() => stage.fresh());

afterAll(() => stage?.close());

type Ask<T> = (bench: Bench) => T | Promise<T>;

/** Runs in the page; only what the function names itself is known there. */
function inPage<T>(ask: Ask<T>): Promise<T> {
  return stage.page.evaluate(`(${ask})(bench)`) as Promise<T>;
}

function begin(options: object, scene = film): Promise<string> {
  return stage.page.evaluate(
    ({ scene, pictures, options }) =>
      (globalThis as unknown as { bench: Bench }).bench.begin(
        scene,
        pictures,
        options as Parameters<Bench["begin"]>[2],
      ),
    { scene, pictures, options },
  );
}

/** Looks until the treated picture is as wanted. */
async function seen(is: (treated: Looked, source: Looked) => boolean): Promise<Looked> {
  let last: unknown;
  const deadline = performance.now() + 20_000;
  for (;;) {
    const [source, treated] = await inPage((bench) => [bench.look("source"), bench.look("treated")] as const);
    last = { source, treated };
    if (is(treated, source)) return treated;
    if (performance.now() > deadline) throw new Error(`Never seen; last: ${JSON.stringify(last)}`);
    await stage.page.waitForTimeout(50);
  }
}

const close = (a: readonly number[], b: readonly number[], by: number) =>
  a.every((value, colour) => Math.abs(value - (b[colour] ?? 0)) <= by);

test("the wall is blurred, the face is as it was, at the camera's size and pace, and goes on so when the camera changes size", async () => {
  expect(await begin(blur)).toBe("on");
  const treated = await seen(
    (treated, source) => source.stripes > 40 && treated.stripes < 8 && close(treated.face, source.face, 12),
  );
  expect(treated).toMatchObject(film);
  const [before, after] = await inPage(async (bench) => {
    const count = () => [bench.shown("source"), bench.shown("treated")] as const;
    const before = count();
    while (bench.shown("source") < before[0] + 30) await new Promise((resolve) => setTimeout(resolve, 50));
    return [before, count()] as const;
  });
  const came = after[0] - before[0];
  // What comes while a picture is being treated is dropped; on a busy machine that is some.
  expect((after[1] - before[1]) / came).toBeGreaterThan(0.4);
  await inPage((bench) => bench.film?.size({ width: 480, height: 480 }));
  await seen((treated) => treated.width === 480 && treated.height === 480 && treated.stripes < 12);
  const elsewhere = stage.requests.filter(
    (url) => !url.startsWith("data:") && new URL(url).host !== new URL(stage.page.url()).host,
  );
  expect(elsewhere).toEqual([]);
});

test("another background takes over without another track, and what is no picture leaves the last one", async () => {
  expect(await begin(blur)).toBe("on");
  await seen((treated) => treated.stripes < 8);
  const plain = (colour: string, blurs: number) =>
    `data:image/svg+xml,${encodeURIComponent(`<svg xmlns="http://www.w3.org/2000/svg" width="1600" height="900"><filter id="f"><feGaussianBlur stdDeviation="9"/></filter>${'<rect width="1600" height="900" filter="url(#f)"/>'.repeat(blurs)}<rect width="1600" height="900" fill="${colour}"/></svg>`)}`;
  // The first takes longer to read; it is the last wish that counts.
  const outcome = await stage.page.evaluate(
    (urls) => (globalThis as unknown as { bench: Bench }).bench.showAll(urls.map((url) => ({ kind: "image", url }))),
    [plain("#a01212", 20), plain("#12a150", 0)],
  );
  expect(outcome).toEqual(["on", "on"]);
  await seen((treated, source) => close(treated.wall, [0x12, 0xa1, 0x50], 12) && close(treated.face, source.face, 12));
  expect(await inPage((bench) => bench.show({ kind: "image", url: "data:image/png,none" }))).toBe("image-unreadable");
  await seen((treated) => close(treated.wall, [0x12, 0xa1, 0x50], 12));
});

test("a camera that ends ends its treated picture, and the next camera is treated by the same worker", async () => {
  expect(await begin(blur)).toBe("on");
  await seen((treated) => treated.stripes < 8);
  await inPage((bench) => bench.film?.stop());
  await inPage(async (bench) => {
    while (bench.state().treated !== "ended") await new Promise((resolve) => setTimeout(resolve, 20));
  });
  expect(await inPage((bench) => bench.state().over)).toBeUndefined();
  expect(await inPage((bench) => bench.another())).toBe("on");
  await seen((treated, source) => source.stripes > 40 && treated.stripes < 8);
  await inPage((bench) => bench.stopTreated());
  expect(await inPage((bench) => bench.state())).toMatchObject({ source: "live", treated: "ended" });
  expect(stage.page.workers()).toHaveLength(1);
  await inPage((bench) => bench.end());
  await expect.poll(() => stage.page.workers().length).toBe(0);
});

test("a machine that is too weak is told so, and the camera goes on", async () => {
  expect(await begin({ ...blur, budget: { share: 0.0001, window: 200, grace: 0 } })).toBe("on");
  await inPage(async (bench) => {
    while (bench.state().over === undefined) await new Promise((resolve) => setTimeout(resolve, 50));
  });
  expect(await inPage((bench) => bench.state())).toMatchObject({ over: "machine-too-weak", source: "live" });
});

test("a worker that breaks is told of, and the next try has another one", async () => {
  expect(await begin(blur)).toBe("on");
  const [worker] = stage.page.workers();
  await worker?.evaluate(() => {
    setTimeout(() => {
      throw new Error("broken");
    });
  });
  await inPage(async (bench) => {
    while (bench.state().over === undefined) await new Promise((resolve) => setTimeout(resolve, 20));
  });
  expect(await inPage((bench) => bench.state())).toMatchObject({ over: "effect-failed", source: "live" });
  expect(await inPage((bench) => bench.apply())).toBe("on");
  await seen((treated) => treated.stripes < 8);
});

test("what cannot be had is told in one word each, and leaves the camera alone", async () => {
  expect(await begin({ ...blur, assets: "/nowhere/" })).toBe("effect-not-loaded");
  expect(await inPage((bench) => bench.state().source)).toBe("live");
  await stage.page.route("**/*.tflite", (route) => route.fulfill({ status: 404 }));
  expect(await begin(blur)).toBe("effect-not-loaded");
  await stage.page.unroute("**/*.tflite");
  expect(await inPage((bench) => bench.apply())).toBe("on");
  await stage.page.evaluate(() => Object.assign(globalThis, { MediaStreamTrackProcessor: undefined }));
  expect(await begin(blur)).toBe("effect-unsupported");
});

test("noise is taken away, and a voice stays", async () => {
  // As the budget of the pictures: the trial is a test of its own.
  const [noise, voice] = await inPage((bench) =>
    Promise.all([
      bench.hear({ noise: 0.05 }, "/effects/", 1.5, 1000),
      bench.hear({ voice: 0.5, noise: 0.01 }, "/effects/", 1.5, 1000),
    ]),
  );
  const lost = ({ before = 0, after = 0 }) => before - after;
  expect(noise).toMatchObject({ state: "ended", source: "live" });
  expect(lost(noise ?? {})).toBeGreaterThan(10);
  expect(Math.abs(lost(voice ?? {}))).toBeLessThan(3);
});

test("a microphone is left alone where its effect is not to be had or takes too much", async () => {
  expect(await inPage((bench) => bench.hear({ noise: 0.05 }, "/nowhere/", 1))).toEqual({
    refused: "effect-not-loaded",
  });
  expect(await inPage((bench) => bench.hear({ noise: 0.05 }, "/effects/", 1, 0))).toEqual({
    refused: "machine-too-weak",
  });
});
