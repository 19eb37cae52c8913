/**
 * Which device a person likes best, and which one to use of those that are plugged in. Pure.
 *
 * An order for each kind, the best first: what the person chooses comes first, what was merely used comes last. A device is
 * therefore only left for one further down when it vanishes, and taken again when it returns; one that was chosen meanwhile
 * stands above it. Plain data, so that an app can keep it.
 */
import type { Device } from "./list.ts";

export type DeviceKind = "microphone" | "camera" | "speaker";

/** The best first, `preferenceBound` at the most. Labels are kept since ids change when the browser forgets the site. */
export type Order = readonly Device[];

export type DevicePreference = Readonly<Record<DeviceKind, Order>>;

/** A home, an office, and a headset or two; more is never looked for. */
export const preferenceBound = 8;

/** Characters of an id or label; what is longer is of no browser. */
const textBound = 512;

export const noPreference: DevicePreference = { microphone: [], camera: [], speaker: [] };

/** The person chose this one. */
export function prefer(order: Order, device: Device): Order {
  return [device, ...order.filter((known) => known.id !== device.id)].slice(0, preferenceBound);
}

/** This one is in use without having been chosen: known from now on, and liked least. */
export function remember(order: Order, device: Device): Order {
  if (order.some(({ id }) => id === device.id)) return order;
  return [...order.slice(0, preferenceBound - 1), device];
}

/** The best of those that are there; undefined leaves it to the system. */
export function best(order: Order, there: readonly Device[]): Device | undefined {
  // Before a permission devices have neither id nor name, and the best may be among them.
  if (there.length > 0 && there.every(({ id }) => id === "")) return order[0];
  for (const wanted of order) {
    const found = matching(wanted, there);
    if (found) return found;
  }
  return undefined;
}

/** The same order with the ids and labels of today; the same object when nothing changed. */
export function refreshed(order: Order, there: readonly Device[]): Order {
  let next: Order = order;
  for (const wanted of order) {
    const found = matching(wanted, there);
    if (!found || found.label === "" || (found.id === wanted.id && found.label === wanted.label)) continue;
    next = next.flatMap((known) => {
      if (known === wanted) return found;
      return known.id === found.id ? [] : known;
    });
  }
  return next;
}

/** Takes over what an app has kept, whatever that is; what is of no use is left out. */
export function readPreference(kept: unknown): DevicePreference {
  const found: Partial<Record<DeviceKind, unknown>> = typeof kept === "object" && kept !== null ? kept : {};
  return {
    microphone: readOrder(found.microphone),
    camera: readOrder(found.camera),
    speaker: readOrder(found.speaker),
  };
}

/** By id, or else by the one name that is the same: two devices of one name cannot be told apart by it. */
function matching(wanted: Device, there: readonly Device[]): Device | undefined {
  const same = there.find(({ id }) => id !== "" && id === wanted.id);
  if (same || wanted.label === "") return same;
  const named = there.filter(({ id, label }) => id !== "" && label === wanted.label);
  return named.length === 1 ? named[0] : undefined;
}

function readOrder(kept: unknown): Order {
  if (!Array.isArray(kept)) return [];
  let order: Order = [];
  for (const one of kept.slice(0, preferenceBound) as unknown[]) {
    if (typeof one !== "object" || one === null || !("id" in one) || !("label" in one)) continue;
    const { id, label } = one;
    if (isText(id) && id !== "" && isText(label)) order = remember(order, { id, label });
  }
  return order;
}

function isText(value: unknown): value is string {
  return typeof value === "string" && value.length <= textBound;
}
