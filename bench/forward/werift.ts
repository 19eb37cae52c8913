import { ownProcess } from "./own-process.ts";
export const werift = ownProcess("werift", "werift.child.ts");
