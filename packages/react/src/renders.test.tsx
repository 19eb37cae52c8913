// @vitest-environment happy-dom
/**
 * What is rendered again when something happens in a room of nine, counted by React itself. A grid that is drawn anew with
 * every word that is spoken is what makes large calls slow.
 */
import {
  type LocalView,
  type ParticipantView,
  type QualityView,
  type Room,
  type RoomSnapshot,
  Store,
} from "@satsuma/client";
import { act, Profiler } from "react";
import { createRoot, type Root } from "react-dom/client";
import { afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { RoomProvider } from "./context.tsx";
import { Grid } from "./Grid.tsx";
import { useHands, useLobby } from "./meeting-hooks.ts";
import { ParticipantTile } from "./ParticipantTile.tsx";
import { useParticipants } from "./room-hooks.ts";

const ids = Array.from({ length: 9 }, (_, at) => `p${at}`);

function participant(id: string): ParticipantView {
  const tracks = [
    { key: `${id}/m`, name: "m", kind: "audio", source: "microphone", muted: false, media: undefined },
    { key: `${id}/c`, name: "c", kind: "video", source: "camera", muted: false, media: undefined },
  ] as const;
  return { id, identity: id, name: id, joinedAt: 0, connection: "connected", local: id === "p0", tracks };
}

let root: Root;
let room: Store<RoomSnapshot>;
let quality: Store<QualityView>;
/** By component, how often it was rendered since the last look. */
let renders: Record<string, number>;

/** Renders that happened because of `change`, by component. */
function after(change: () => void): Record<string, number> {
  renders = {};
  act(change);
  return renders;
}

function count(id: string): void {
  renders[id] = (renders[id] ?? 0) + 1;
}

function change(changes: Partial<RoomSnapshot>): void {
  room.set({ ...room.snapshot(), ...changes });
}

function Tiles() {
  count("grid");
  return (
    <Grid items={useParticipants()}>
      {({ id }) => (
        <Profiler key={id} id={id} onRender={count}>
          <ParticipantTile participant={id} />
        </Profiler>
      )}
    </Grid>
  );
}

function Hands() {
  count("hands");
  return useHands().hands.length;
}

function Door() {
  count("door");
  return useLobby().count;
}

beforeAll(() => {
  (globalThis as { IS_REACT_ACT_ENVIRONMENT?: boolean }).IS_REACT_ACT_ENVIRONMENT = true;
  // Nothing is laid out here, and a grid without width draws no tiles.
  Object.defineProperty(HTMLElement.prototype, "clientWidth", { get: () => 900 });
  Object.defineProperty(HTMLElement.prototype, "clientHeight", { get: () => 600 });
});

beforeEach(() => {
  const state = { hands: [], polls: [], participants: [] } as unknown as RoomSnapshot["room"];
  room = new Store({
    connection: { state: "connected" },
    media: "connected",
    me: "p0",
    participants: ids.map(participant),
    speaking: new Set(),
    lobby: { waiting: [], count: 0 },
    room: state,
    presence: { speaking: [], quality: {}, audience: 0, tallies: {} },
    you: undefined,
    local: {} as LocalView,
  } as RoomSnapshot);
  quality = new Store({ others: new Map() } as unknown as QualityView);
  const model = {
    ...room,
    snapshot: room.snapshot,
    subscribe: room.subscribe,
    quality,
    local: {},
    show: () => () => {},
  };
  root = createRoot(document.body.appendChild(document.createElement("div")));
  renders = {};
  act(() =>
    root.render(
      <RoomProvider room={model as unknown as Room}>
        <Tiles />
        <Hands />
        <Door />
      </RoomProvider>,
    ),
  );
});

afterEach(() => act(() => root.unmount()));

test("everything is drawn once or twice at first, every tile among it", () => {
  expect(Object.keys(renders).sort()).toEqual(["door", "grid", "hands", ...ids].sort());
});

test("one who begins to speak is drawn again, and nobody else, and not the grid", () => {
  expect(after(() => change({ speaking: new Set(["p3"]) }))).toEqual({ p3: 1 });
  expect(document.querySelector("[data-participant=p3]")?.getAttribute("data-speaking")).toBe("true");
  expect(after(() => change({ speaking: new Set(["p5"]) }))).toEqual({ p3: 1, p5: 1 });
  expect(after(() => change({ speaking: new Set(["p5"]) }))).toEqual({});
});

test("samples of quality, and one's own level, draw no tile", () => {
  expect(after(() => quality.set({ ...quality.snapshot() }))).toEqual({});
  expect(after(() => change({ local: { ...room.snapshot().local } }))).toEqual({});
});

test("a hand and a knock are drawn where they are shown", () => {
  const hands = [{ id: "p1", identity: "p1", name: "p1", at: 1 }];
  expect(after(() => change({ room: { ...room.snapshot().room, hands } }))).toEqual({ hands: 1 });
  expect(after(() => change({ lobby: { waiting: [], count: 1 } }))).toEqual({ door: 1 });
});

test("whoever mutes is drawn again; the grid looks once at who is there, and draws no other tile's inside", () => {
  const participants = room
    .snapshot()
    .participants.map((view) =>
      view.id === "p4" ? { ...view, tracks: view.tracks.map((track) => ({ ...track, muted: true })) } : view,
    );
  const counted = after(() => change({ participants }));
  expect(counted.p4).toBe(1);
  expect(counted.grid).toBe(1);
  expect(document.querySelector("[data-participant=p4]")?.getAttribute("data-muted")).toBe("true");
});
