import { contract } from "@satsuma/durable/contract";
import { startWorkerd } from "./workerd.ts";

contract({ name: "workers", capabilities: { sql: true, handClock: false }, start: startWorkerd });
