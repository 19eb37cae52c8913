export { allowing } from "./allowing.ts";
export { Chance } from "./chance.ts";
export type { Burst, Change, Conditions } from "./conditions.ts";
export { type Detour, detour } from "./detour.ts";
export { type Delivery, Link, type LinkCounts } from "./link.ts";
export { Relay, type RelayOptions } from "./relay.ts";
