/** Whether a VP8 payload starts a keyframe: first packet of partition 0 with the P bit clear (RFC 7741 §4.2, §4.3). */
export function startsVp8Keyframe(packet: Uint8Array, offset: number, end: number): boolean {
  if (offset >= end) return false;
  const descriptor = packet[offset] ?? 0;
  let at = offset + 1;
  const startOfPartition = (descriptor & 0x10) !== 0;
  const partition = descriptor & 0x07;
  if (!startOfPartition || partition !== 0) return false;
  if (descriptor & 0x80) {
    const extended = packet[at] ?? 0;
    at += 1;
    if (extended & 0x80) at += (packet[at] ?? 0) & 0x80 ? 2 : 1;
    if (extended & 0x40) at += 1;
    if (extended & 0x30) at += 1;
  }
  return at < end && ((packet[at] ?? 1) & 0x01) === 0;
}
