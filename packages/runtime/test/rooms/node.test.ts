import { startHost } from "../host.ts";
import { roomStory } from "./story.ts";

roomStory("Node", async () => {
  const host = await startHost({ room: { grace: 500 } });
  return host;
});
