export type { RoomRecord } from "./data.ts";
export { type Heard, hear, tell } from "./edge.ts";
export type { CloseReason, Effect } from "./effect.ts";
export type { Claims, Input, SocketId } from "./input.ts";
export type { Verdict } from "./media/authorize.ts";
export { mergeTracks } from "./media/merge.ts";
export type { MediaAnswer, MediaOperation, MediaServer } from "./media/operation.ts";
export { Room } from "./room.ts";
export { defaultRoomSettings, type RoomSettings } from "./settings.ts";
