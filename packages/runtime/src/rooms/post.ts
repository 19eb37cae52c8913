/** The way of a room's events: to the directory, which keeps the history of meetings, then to the room's courier. */
import type { Handle, Namespace } from "@satsuma/durable";
import type { Refusal } from "@satsuma/protocol";
import type { Courier, CourierEnv } from "./courier.ts";
import type { Directory } from "./directory.ts";
import type { RoomPorts } from "./ports.ts";
import type { Webhooks, WebhookTarget } from "./webhooks.ts";

export function postTo(directory: Handle<Directory>, couriers: Namespace<Courier>): NonNullable<RoomPorts["post"]> {
  return async (room, events) => {
    await directory.ask({ ask: "post", room, events });
    await couriers.get(room).ask({ ask: "post", events });
  };
}

/** `RoomPorts.admit`. */
export function admitBy(directory: Handle<Directory>): NonNullable<RoomPorts["admit"]> {
  return async (room) => (await directory.ask({ ask: "admit", room })) as Refusal | undefined;
}

/** What couriers need of the app's endpoints. */
export function courierPorts(webhooks: Handle<Webhooks>): Pick<CourierEnv, "targets" | "bury"> {
  return {
    targets: async () => (await webhooks.ask({ ask: "targets" })) as readonly WebhookTarget[],
    bury: async (id, letter) => void (await webhooks.ask({ ask: "bury", id, letter })),
  };
}
