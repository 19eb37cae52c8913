/** §2.5, as far as the room: what is asked of the AI service is its platform's affair. */
import { expect } from "vitest";
import type { Script } from "./script.ts";
import { enter, heard, settled, stateOf, userIn } from "./world.ts";

const track = { trackName: "talk", sessionId: "session-ann", location: "remote" } as const;

export const ai: Script[] = [
  {
    row: "2.2 enableAi: without a service fails as documented, and may be tried again",
    async play(world, room) {
      if (world.capabilities.ai) return;
      const ann = await enter(world, room, "ann");
      for (const attempt of [1, 2]) {
        ann.send({ type: "enableAi", instructions: `Attempt ${attempt}.` });
        await ann.until(() => stateOf(ann)?.ai.error);
        const error = "Error establishing connection with AI";
        expect(stateOf(ann)?.ai).toEqual({ enabled: false, connectionPending: false, error });
        ann.send({ type: "disableAi" });
        await ann.until(() => stateOf(ann)?.ai.error === undefined);
        expect(stateOf(ann)?.ai).toEqual({ enabled: false });
      }
    },
  },
  {
    row: "2.2 requestAiControl: of an AI that is not there is an error to the sender",
    async play(world, room) {
      const ann = await enter(world, room, "ann");
      ann.send({ type: "requestAiControl", track });
      await ann.until(() => heard(ann, "error").length === 1);
      expect(stateOf(ann)?.ai.controllingUser).toBeUndefined();
    },
  },
  {
    row: "2.2 enableAi: is pending, then the AI is the last of the users",
    needs: "ai",
    async play(world, room) {
      const zoe = await enter(world, room, "zoe");
      const states = () => heard(zoe, "roomState").map(({ state }) => state.ai);
      zoe.send({ type: "enableAi", instructions: "Be brief.", voice: "echo" });
      await zoe.until(() => userIn(zoe, "ai"));
      expect(states()).toContainEqual({ enabled: false, connectionPending: true });
      expect(stateOf(zoe)?.ai).toEqual({ enabled: true, connectionPending: false });
      expect(stateOf(zoe)?.users.at(-1)).toEqual({
        id: "ai",
        name: "AI",
        joined: true,
        raisedHand: false,
        transceiverSessionId: "ai-session",
        speaking: false,
        tracks: {
          audioEnabled: true,
          audio: "ai-session/ai-generated-voice",
          audioUnavailable: false,
          videoEnabled: false,
          screenShareEnabled: false,
        },
      });
    },
  },
  {
    row: "2.2 disableAi: by anybody, and the AI is gone",
    needs: "ai",
    async play(world, room) {
      const ann = await enter(world, room, "ann");
      const bob = await enter(world, room, "bob");
      ann.send({ type: "enableAi" });
      await bob.until(() => userIn(bob, "ai"));
      bob.send({ type: "disableAi" });
      await ann.until(() => userIn(ann, "ai") === undefined && stateOf(ann)?.ai.enabled === false);
      expect(stateOf(ann)?.ai).toEqual({ enabled: false });
    },
  },
  {
    row: "2.2 requestAiControl and relenquishAiControl: one speaks, a second takes over, anybody ends it",
    needs: "ai",
    async play(world, room) {
      const ann = await enter(world, room, "ann");
      const bob = await enter(world, room, "bob");
      ann.send({ type: "enableAi" });
      await ann.until(() => userIn(ann, "ai"));
      ann.send({ type: "requestAiControl", track });
      await bob.until(() => stateOf(bob)?.ai.controllingUser === "ann");
      bob.send({ type: "requestAiControl", track: { ...track, sessionId: "session-bob" } });
      await ann.until(() => stateOf(ann)?.ai.controllingUser === "bob");
      ann.send({ type: "relenquishAiControl" });
      await bob.until(() => stateOf(bob)?.ai.controllingUser === undefined);
      expect(stateOf(bob)?.ai.enabled).toBe(true);
    },
  },
  {
    row: "2.2 requestAiControl: who is gone no longer speaks (mended)",
    needs: "ai",
    async play(world, room) {
      const ann = await enter(world, room, "ann");
      const bob = await enter(world, room, "bob");
      ann.send({ type: "enableAi" });
      await ann.until(() => userIn(ann, "ai"));
      ann.send({ type: "requestAiControl", track });
      await bob.until(() => stateOf(bob)?.ai.controllingUser === "ann");
      ann.send({ type: "userLeft" });
      await bob.until(() => stateOf(bob)?.ai.controllingUser === undefined);
      await settled(bob);
    },
  },
];
