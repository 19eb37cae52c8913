/**
 * Loaded into an SFU's process (`--import`), it writes down what each estimator there is told: packets that leave, feedback as it
 * came, wishes and probes. One line each, in a file of its own for every estimator, in the folder that `SATSUMA_TRACES` names.
 *
 * It wraps methods of the SFU's own classes, so that nothing in the SFU knows of it.
 */
import { appendFileSync } from "node:fs";
import { join } from "node:path";
import { CongestionControl } from "../../packages/sfu/src/congestion/control.ts";
import { Estimator } from "../../packages/sfu/src/congestion/estimator.ts";
import { Probes } from "../../packages/sfu/src/congestion/probe.ts";
import { feedbackFormat, feedbackType } from "../../packages/sfu/src/rtcp/transport-feedback.ts";
import { uint16 } from "../../packages/sfu/src/rtp/header.ts";

const folder = process.env.SATSUMA_TRACES;
/** ms between two writes. */
const pause = 500;

interface Trace {
  readonly file: string;
  readonly from: number;
  lines: string[];
}

const traces = new Map<Probes, Trace>();

if (folder !== undefined) {
  const { send } = Estimator.prototype;
  Estimator.prototype.send = function (size, now) {
    note(this.probes, "s", now, size);
    return send.call(this, size, now);
  };
  const { owed, consider } = Probes.prototype;
  Probes.prototype.consider = function (wanted, rate, now) {
    const probe = consider.call(this, wanted, rate, now);
    if (probe !== undefined) note(this, "p", now, Math.round(wanted));
    return probe;
  };
  Probes.prototype.owed = function (now) {
    if (this.current !== undefined) note(this, "o", now);
    return owed.call(this, now);
  };
  const { hears, elapse } = CongestionControl.prototype;
  CongestionControl.prototype.hears = function (packet, now) {
    for (let at = 0; at + 4 <= packet.length; ) {
      const end = at + (uint16(packet, at + 2) + 1) * 4;
      const isFeedback = packet[at + 1] === feedbackType && ((packet[at] ?? 0) & 0x1f) === feedbackFormat;
      if (isFeedback) note(this.estimator.probes, "f", now, Buffer.from(packet.subarray(at, end)).toString("base64"));
      at = end;
    }
    hears.call(this, packet, now);
  };
  CongestionControl.prototype.elapse = function (now) {
    elapse.call(this, now);
    note(this.estimator.probes, "e", now, Math.round(this.estimate.wanted));
  };
  setInterval(write, pause).unref();
}

function note(of: Probes, kind: string, now: number, value?: string | number): void {
  let trace = traces.get(of);
  if (trace === undefined) {
    trace = { file: join(folder ?? "", `${traces.size}.txt`), from: now, lines: [] };
    traces.set(of, trace);
  }
  const at = Math.round((now - trace.from) * 10);
  trace.lines.push(value === undefined ? `${kind}${at}` : `${kind}${at} ${value}`);
}

function write(): void {
  for (const trace of traces.values()) {
    if (trace.lines.length > 0) appendFileSync(trace.file, `${trace.lines.join("\n")}\n`);
    trace.lines = [];
  }
}
