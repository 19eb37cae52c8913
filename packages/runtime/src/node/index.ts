export type { Log } from "../log.ts";
export { RoomTokens, type TokenSettings } from "../rooms/tokens.ts";
export { now } from "./clock.ts";
export { type Listening, listen } from "./listen.ts";
export { keptSecret } from "./secrets.ts";
export { type RoomServer, type RoomServerSettings, roomServer } from "./server.ts";
export { createSfu, type NodeSfu, type NodeSfuOptions } from "./sfu.ts";
export { openTransports, type TransportConfig } from "./transport.ts";
export type { TurnConfig } from "./turn.ts";
