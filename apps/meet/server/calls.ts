/** The media server of a room, by the client of the Calls API. Every refusal is an answer again, in the API's own words. */
import { type CallsClient, CallsRefusal } from "@satsuma/calls";
import type { CallsError } from "@satsuma/protocol";
import type { MediaAnswer, MediaOperation, MediaServer } from "@satsuma/rooms";

export function mediaServer(client: CallsClient): MediaServer {
  return {
    async forward(operation) {
      try {
        return await ask(client, operation);
      } catch (thrown) {
        if (!(thrown instanceof CallsRefusal)) throw thrown;
        const { errorCode, errorDescription } = thrown;
        return { status: thrown.status, body: { errorCode, errorDescription } satisfies CallsError };
      }
    },
  };
}

async function ask(client: CallsClient, operation: MediaOperation): Promise<MediaAnswer> {
  switch (operation.do) {
    case "new-session":
      return { status: 201, body: await client.newSession(operation.body?.sessionDescription) };
    case "inspect":
      return { status: 200, body: await client.session(operation.session) };
    case "tracks":
      return { status: 200, body: await client.newTracks(operation.session, operation.body) };
    case "update-tracks":
      return { status: 200, body: await client.updateTracks(operation.session, operation.body) };
    case "renegotiate":
      return { status: 200, body: await client.renegotiate(operation.session, operation.body.sessionDescription) };
    case "close-tracks":
      return { status: 200, body: await client.closeTracks(operation.session, operation.body) };
  }
}
