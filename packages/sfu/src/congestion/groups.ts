/**
 * Packets that left together, as groups: how much longer or shorter the way of one was than that of the group before.
 *
 * Groups of 5 ms of sending, and bursts that the network handed over at once count as one (draft-ietf-rmcat-gcc-02 §4.2
 * pre-filtering, §5.1).
 */

/** ms of sending that make one group, and of arriving that may join two. */
const groupSpan = 5;
const burstGap = 5;
/** ms that a burst may last: one that does not end is a queue. */
const longestBurst = 100;
/** ms by which arrival may run ahead of sending before one of the clocks must have been set. */
const clockJump = 3_000;

interface Group {
  firstSentAt: number;
  sentAt: number;
  firstArrivedAt: number;
  arrivedAt: number;
}

export class PacketGroups {
  #current: Group | undefined;
  #before: Group | undefined;
  /** ms between the last two whole groups, at the sender and at the receiver. */
  sendDelta = 0;
  arrivalDelta = 0;

  /** Takes a packet; true when with it a group has ended, so that the deltas are new. */
  add(sentAt: number, arrivedAt: number): boolean {
    const current = this.#current;
    if (current === undefined) {
      this.#current = { firstSentAt: sentAt, sentAt, firstArrivedAt: arrivedAt, arrivedAt };
      return false;
    }
    // Sent before the group began: it came late, and says nothing of the queue now.
    if (sentAt < current.firstSentAt) return false;
    if (!belongs(current, sentAt, arrivedAt)) {
      const before = this.#before;
      this.#before = current;
      this.#current = { firstSentAt: sentAt, sentAt, firstArrivedAt: arrivedAt, arrivedAt };
      if (before === undefined) return false;
      this.sendDelta = current.sentAt - before.sentAt;
      this.arrivalDelta = current.arrivedAt - before.arrivedAt;
      if (this.arrivalDelta < 0 || this.arrivalDelta - this.sendDelta >= clockJump) {
        this.#current = undefined;
        this.#before = undefined;
        return false;
      }
      return true;
    }
    current.sentAt = Math.max(current.sentAt, sentAt);
    current.arrivedAt = Math.max(current.arrivedAt, arrivedAt);
    return false;
  }
}

function belongs(group: Group, sentAt: number, arrivedAt: number): boolean {
  if (sentAt - group.firstSentAt <= groupSpan) return true;
  const arrival = arrivedAt - group.arrivedAt;
  const gathered = arrival - (sentAt - group.sentAt) < 0;
  return gathered && arrival <= burstGap && arrivedAt - group.firstArrivedAt < longestBurst;
}
