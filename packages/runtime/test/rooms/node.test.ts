import { startHost } from "../host.ts";
import { apiContract, apiKey } from "./api-contract.ts";
import { roomStory } from "./story.ts";

roomStory("Node", () => startHost({ room: { grace: 500 } }));
apiContract("Node", () => startHost({ apiKey, mostRooms: 12, room: { grace: 500, emptyFor: 500 } }));
