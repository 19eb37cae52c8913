export {
  Actor,
  type ActorClass,
  type Closing,
  type Context,
  type Handle,
  type Json,
  type Namespace,
  type Outcome,
  type Socket,
} from "./actor.ts";
export { type Alarm, type AlarmInfo, alarmAt, infoOf, retried } from "./alarm.ts";
export { Cell, type CellPorts, type Problem } from "./cell.ts";
export type { Clock } from "./clock.ts";
export { copy, isPlain, notCloneable } from "./copy.ts";
export { Batch, Gate, type Output } from "./gate.ts";
export { HandClock } from "./hand-clock.ts";
export { Host, type HostPorts, type Incoming, type LocalHandle, type LocalNamespace, type Shelf } from "./host.ts";
export { checkKey, checkName, compareKeys } from "./key.ts";
export { type Life, LifeCore, type LifeEffect, type LifeInput } from "./life.ts";
export { defaultPatience, limits, type Patience } from "./limits.ts";
export { checkDetail, type Line, type Wire } from "./line.ts";
export { measure } from "./measure.ts";
export { createMemory, type Memory, type MemoryOptions } from "./memory.ts";
export type { Migration } from "./migrate.ts";
export { inRange, type Range } from "./range.ts";
export type { Changes, Rows, Source } from "./rows.ts";
export { type Field, type Fields, latest, merged, type Stamp, wins } from "./state/merge.ts";
export { Replica } from "./state/replica.ts";
export { type Changed, type Delta, type Head, SharedState, type Snapshot, type Update } from "./state/shared.ts";
export type {
  ListOptions,
  Sql,
  SqlBinding,
  SqlCursor,
  SqlRow,
  SqlValue,
  Storage,
  Transaction,
} from "./storage.ts";
