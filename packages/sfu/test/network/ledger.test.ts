/** What the rules of the ledger allow and refuse, where random lives come by too seldom. */
import { expect, test } from "vitest";
import { Ledger } from "./ledger.ts";
import { type Mark, writePayload } from "./mark.ts";
import { Register } from "./register.ts";
import type { Line } from "./terms.ts";

const line: Line = {
  mid: "0",
  kind: "video",
  accepted: true,
  payloadType: 98,
  codec: "VP9",
  repairType: undefined,
  feedback: new Set(),
  extensions: new Map(),
  ssrc: 7,
  repairSsrc: undefined,
};
/** ms between pictures. */
const interval = 80;

/** Two temporal layers: a keyframe of two packets, two pictures of the higher layer, and another keyframe. */
const first = mark(0, 0, true);
const second = mark(1, 0, false);
const higher = mark(2, 1, true);
const higherToo = mark(3, 2, true);
const late = mark(4, 3, true);
const rest = mark(5, 3, false);

function mark(sequence: number, frame: number, first: boolean): Mark {
  const key = frame === 0 || frame === 3;
  return {
    id: sequence,
    track: 1,
    stream: 0,
    sequence,
    frame,
    unit: frame,
    needs: key ? [] : [1],
    spatial: 0,
    temporal: key ? 0 : 1,
    base: frame === 3 ? 1 : 0,
    key,
    first,
    last: !(key && first),
    captured: frame * interval,
  };
}

/** A subscriber that was sent the first keyframe, and then nothing until the first packet of the second came late. */
function paused(): (mark: Mark, number: number, pictureId: number) => void {
  const register = new Register();
  const ledger = new Ledger(line, 1, register, 0);
  const now = 3 * interval;
  const send = (mark: Mark, number: number, pictureId: number, at = now) => {
    const picture = { pictureId, tl0: mark.base, codec: "VP9", syncs: false, opens: false } as const;
    const payload = writePayload(mark, picture, 60);
    const packet = { payloadType: 98, ssrc: 7, extensions: new Map(), sequence: number, marker: mark.last, payload };
    ledger.sent({ ...packet, timestamp: mark.captured * 90 }, at);
  };
  register.arrived(first, 0);
  send(first, 100, 8, 0);
  register.arrived(second, 0);
  send(second, 101, 8, 0);
  register.arrived(higher, interval);
  register.arrived(higherToo, 2 * interval);
  register.arrived(rest, now);
  register.arrived(late, now);
  return send;
}

test("[N5] a keyframe that came late may begin the stream anew, with picture ids that go on", () => {
  const send = paused();
  send(late, 102, 9);
  expect(() => send(rest, 103, 9)).not.toThrow();
});

test("[N5] picture ids that neither go on nor are the publisher's are refused of a keyframe that came late, too", () => {
  expect(() => paused()(late, 102, 10)).toThrow(/\[N5\] picture ids go on at \d+: 2 more/);
});
