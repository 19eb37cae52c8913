/** The height of pictures from a sequence parameter set of H.264 (§7.3.2.1.1), as far as browsers' ones go. */
import { Bits } from "./bits.ts";

/** Profiles whose parameter sets tell the format of colours, too. */
const highProfiles: readonly number[] = [100, 110, 122, 244, 44, 83, 86, 118, 128, 138, 139, 134, 135];
/** Bytes of a set that are looked at; the size comes early. */
const enough = 64;
const macroblock = 16;

/** px; 0 where it cannot be told. `start` is behind the unit's header byte. */
export function heightOfH264(bytes: Uint8Array, start: number, end: number): number {
  const raw = withoutEmulation(bytes.subarray(start, Math.min(end, start + enough)));
  const bits = new Bits(raw, 0, raw.length);
  const profile = bits.read(8);
  bits.read(16);
  bits.readUnsigned();
  if (highProfiles.includes(profile)) {
    if (bits.readUnsigned() === 3) bits.read(1);
    bits.readUnsigned();
    bits.readUnsigned();
    bits.read(1);
    // Scaling lists are rare, and long.
    if (bits.read(1) === 1) return 0;
  }
  bits.readUnsigned();
  const order = bits.readUnsigned();
  if (order === 0) bits.readUnsigned();
  else if (order === 1) skipOrder(bits);
  bits.readUnsigned();
  bits.read(1);
  bits.readUnsigned();
  const units = bits.readUnsigned() + 1;
  const fields = 2 - bits.read(1);
  if (fields === 2) bits.read(1);
  bits.read(1);
  const cropped = bits.read(1) === 1;
  if (cropped) {
    bits.readUnsigned();
    bits.readUnsigned();
  }
  const cut = cropped ? bits.readUnsigned() + bits.readUnsigned() : 0;
  // Of pictures with half the colour lines, which all of these are, two lines are cut at a time.
  return bits.ended ? 0 : Math.max(0, fields * (units * macroblock - cut * 2));
}

function skipOrder(bits: Bits): void {
  bits.read(1);
  bits.readUnsigned();
  bits.readUnsigned();
  const frames = Math.min(bits.readUnsigned(), 255);
  for (let frame = 0; frame < frames && !bits.ended; frame += 1) bits.readUnsigned();
}

/** A 3 behind two zeros is there so that nothing looks like a start code (§7.4.1). */
function withoutEmulation(bytes: Uint8Array): Uint8Array {
  return bytes.filter((byte, at) => !(byte === 3 && at >= 2 && bytes[at - 1] === 0 && bytes[at - 2] === 0));
}
