/**
 * Orange's way of telling a room, as a reference loop over the same `partyserver`: every user is a row, every change
 * reads all rows and sends the whole state to everyone. Written from its protocol's description.
 */
import { type Connection, type ConnectionContext, routePartykitRequest, Server } from "partyserver";

interface User {
  readonly id: string;
  readonly name: string;
  readonly [more: string]: unknown;
}

const single = ["ai:enabled", "ai:connectionPending", "ai:error", "ai:sessionId", "ai:trackName", "ai:userControlling"];

export class Rooms extends Server {
  override async onConnect(connection: Connection, _: ConnectionContext): Promise<void> {
    const tracks = { audioEnabled: false, audioUnavailable: false, videoEnabled: false, screenShareEnabled: false };
    const user: User = {
      id: connection.id,
      name: "Somebody",
      joined: false,
      raisedHand: false,
      speaking: false,
      tracks,
    };
    const { storage } = this.ctx;
    if ((await storage.get(`session-${connection.id}`)) === undefined)
      await storage.put(`session-${connection.id}`, user);
    await storage.put(`heartbeat-${connection.id}`, Date.now());
    if ((await storage.get("meetingId")) === undefined) await storage.put("meetingId", crypto.randomUUID());
    await this.#broadcastState();
  }

  override async onMessage(connection: Connection, data: string): Promise<void> {
    const message = JSON.parse(data) as { type: string; user: User };
    if (message.type === "heartbeat") await this.ctx.storage.put(`heartbeat-${connection.id}`, Date.now());
    if (message.type !== "userUpdate") return;
    await this.ctx.storage.put(`session-${connection.id}`, message.user);
    await this.#broadcastState();
  }

  async #broadcastState(): Promise<void> {
    const { storage } = this.ctx;
    const [meetingId] = await Promise.all([storage.get("meetingId"), ...single.map((key) => storage.get(key))]);
    const users = [...(await storage.list<User>({ prefix: "session-" })).values()];
    const frame = JSON.stringify({ type: "roomState", state: { meetingId, users, ai: { enabled: false } } });
    for (const connection of this.getConnections()) connection.send(frame);
  }
}

export default {
  async fetch(request: Request, env: Record<string, unknown>): Promise<Response> {
    return (await routePartykitRequest(request, env)) ?? new Response("Not found", { status: 404 });
  },
};
