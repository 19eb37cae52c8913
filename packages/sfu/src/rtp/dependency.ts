/**
 * The dependency descriptor (AV1 RTP payload, appendix A.8): which layer a frame is of, and from which frames on a layer
 * can be decoded. It goes in a header extension; its structure comes with keyframes and is kept for the frames after.
 */
import { Bits } from "./bits.ts";
import { type Frame, pointBit } from "./frame.ts";
import { uint16 } from "./header.ts";

interface Template {
  readonly spatial: number;
  readonly temporal: number;
  /** Of each decode target. */
  readonly indications: number[];
}

interface Structure {
  readonly offset: number;
  readonly templates: readonly Template[];
  /** The operating point of each decode target, as its bit. */
  readonly targets: readonly number[];
  readonly heights: readonly number[];
}

const mandatory = 3;
const switchIndication = 2;
const mostTemplates = 64;

export class DependencyReader {
  #structure: Structure | undefined;

  /** Fills in the frame from the descriptor of `length` bytes at `at`. What is malformed tells nothing. */
  read(bytes: Uint8Array, at: number, length: number, frame: Frame): void {
    if (length < mandatory) return;
    const first = bytes[at] ?? 0;
    frame.begins = (first & 0x80) !== 0;
    frame.ends = (first & 0x40) !== 0;
    frame.number = uint16(bytes, at + 1);
    const bits = new Bits(bytes, at + mandatory, at + length);
    const extended = length > mandatory;
    const structured = extended && bits.read(1) === 1;
    const activated = extended && bits.read(1) === 1;
    const custom = extended && bits.read(1) === 1;
    bits.read(extended ? 2 : 0);
    if (structured) {
      const structure = readStructure(bits);
      if (structure === undefined) return;
      this.#structure = structure;
      frame.heights = structure.heights;
    }
    const structure = this.#structure;
    if (structure === undefined) return;
    const count = structure.targets.length;
    if (activated) bits.read(count);
    const template = structure.templates[((first & 0x3f) + mostTemplates - structure.offset) % mostTemplates];
    if (template === undefined) return;
    frame.spatial = template.spatial;
    frame.temporal = template.temporal;
    const indications = custom ? structure.targets.map(() => bits.read(2)) : template.indications;
    if (bits.ended) return;
    for (let target = 0; target < count; target += 1) {
      if (indications[target] === switchIndication) frame.switchable |= structure.targets[target] ?? 0;
    }
  }
}

/** Undefined where the bytes end too early; a few of them may claim 64 templates of 32 targets, so each part has to be there. */
function readStructure(bits: Bits): Structure | undefined {
  const offset = bits.read(6);
  const count = bits.read(5) + 1;
  const layers = readLayers(bits);
  const templates: Template[] = [];
  for (const { spatial, temporal } of layers) {
    if (bits.ended) return undefined;
    templates.push({ spatial, temporal, indications: Array.from({ length: count }, () => bits.read(2)) });
  }
  for (const _ of templates) while (bits.read(1) === 1 && !bits.ended) bits.read(4);
  const chains = bits.readBelow(count + 1);
  if (chains > 0) {
    for (let target = 0; target < count; target += 1) bits.readBelow(chains);
    for (let each = 0; each < templates.length * chains; each += 1) bits.read(4);
  }
  if (bits.ended) return undefined;
  const highest = Math.max(...layers.map(({ spatial }) => spatial));
  const sized = bits.read(1) === 1;
  const heights = sized ? Array.from({ length: highest + 1 }, () => readHeight(bits)) : [];
  if (bits.ended) return undefined;
  return {
    offset,
    templates,
    targets: Array.from({ length: count }, (_, target) => pointOf(templates, target)),
    heights,
  };
}

/** Behind the width, each less by one. */
function readHeight(bits: Bits): number {
  bits.read(16);
  return bits.read(16) + 1;
}

function readLayers(bits: Bits): { spatial: number; temporal: number }[] {
  const layers = [{ spatial: 0, temporal: 0 }];
  let spatial = 0;
  let temporal = 0;
  while (layers.length < mostTemplates && !bits.ended) {
    const next = bits.read(2);
    if (next === 3) break;
    if (next === 1) temporal += 1;
    if (next === 2) {
      temporal = 0;
      spatial += 1;
    }
    layers.push({ spatial, temporal });
  }
  return layers;
}

/** A decode target is as high as the highest frame that is present in it. */
function pointOf(templates: readonly Template[], target: number): number {
  let spatial = 0;
  let temporal = 0;
  for (const template of templates) {
    if (template.indications[target] === 0) continue;
    spatial = Math.max(spatial, template.spatial);
    temporal = Math.max(temporal, template.temporal);
  }
  return pointBit(spatial, temporal);
}
