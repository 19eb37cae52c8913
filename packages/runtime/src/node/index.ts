export { RoomActor, type RoomSocket } from "./actor.ts";
export { now } from "./clock.ts";
export { type Listening, listen } from "./listen.ts";
export type { Log } from "./log.ts";
export { type MediaServerSettings, mediaServer } from "./media.ts";
export { Rooms } from "./rooms.ts";
export { keptSecret } from "./secrets.ts";
export { type RoomServer, type RoomServerSettings, roomServer } from "./server.ts";
export { RoomTokens, type TokenSettings } from "./tokens.ts";
