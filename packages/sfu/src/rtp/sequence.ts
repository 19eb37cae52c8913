/** Distance from `from` to `to` in 16-bit sequence space, between -32768 and 32767 (RFC 3550 appendix A.1, RFC 1982). */
export function sequenceDistance(from: number, to: number): number {
  const distance = (to - from) & 0xffff;
  return distance >= 0x8000 ? distance - 0x10000 : distance;
}
