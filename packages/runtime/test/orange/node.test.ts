import { defaultRoomSettings } from "@satsuma/rooms";
import { orangeContract, scripts } from "@satsuma/rooms/contract/orange";
import type { AiService } from "../../src/rooms/ports.ts";
import { orangeSecret, startHost } from "../host.ts";
import { times } from "./times.ts";
import { socketWorld } from "./world.ts";

const room = { emptyFor: times.alarmInterval, orange: { ...defaultRoomSettings.orange, ...times } };

/** Answers as an AI service does whose every step succeeds. */
const service: AiService = {
  async ask(request) {
    if (request.ask === "disconnect") return undefined;
    const { number } = request;
    // Long enough to be seen to be pending.
    await new Promise((resolve) => setTimeout(resolve, 3 * times.window));
    if (request.ask === "listen") return { answer: "listening", number };
    return { answer: "connected", number, session: "ai-session", track: "ai-generated-voice" };
  },
};

for (const ai of [undefined, service]) {
  const name = `Orange on Node, ${ai ? "with" : "without"} an AI service`;
  const begin = async () => {
    const host = await startHost({ room, orange: {}, ...(ai && { ai }) });
    return socketWorld(name, ai !== undefined, { url: host.url, secret: orangeSecret, close: () => host.close() });
  };
  // Time passes in most scripts; those that do not ask for an AI need it once only.
  const played = ai ? scripts.filter(({ needs }) => needs === "ai") : scripts;
  orangeContract(name, { ai: ai !== undefined, handClock: false }, begin, played);
}
