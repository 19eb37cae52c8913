/**
 * Orange Meets' dialect of a room: which message does what. It only routes; each thing is told in the file of its name,
 * and `docs/orange.md` has the table of all of them.
 */
import { type OrangeClientMessage, refusal } from "@satsuma/protocol";
import type { SocketId } from "../input.ts";
import { admit, mayPass } from "./admission.ts";
import { disableAi, enableAi, hearAi, relinquishAiControl, requestAiControl } from "./ai.ts";
import { bind, connect } from "./connecting.ts";
import type { Listener, Seat } from "./data.ts";
import { noteOf } from "./history.ts";
import type { OrangeInput } from "./input.ts";
import { leave } from "./leaving.ts";
import { muteUser } from "./muting.ts";
import { passDirect, passEncrypted } from "./passing.ts";
import { owe } from "./telling.ts";
import type { OrangeTurn } from "./turn.ts";
import { updateUser } from "./updating.ts";

export function handleOrange(turn: OrangeTurn, input: OrangeInput): void {
  switch (input.input) {
    case "orange-opened":
      connect(turn, input);
      break;
    case "orange": {
      const speaker = admit(turn, input.socket);
      if (speaker) obey(turn, { ...speaker, socket: input.socket, bytes: input.bytes }, input.message);
      break;
    }
    case "orange-unread":
      if (admit(turn, input.socket)) turn.refuse(input.socket, input.refusal);
      break;
    case "orange-resync":
      owe(turn, input.socket);
      break;
    case "orange-bound":
      bind(turn, input.person, input.session);
      break;
    case "ai":
      hearAi(turn, input.answer);
      break;
  }
}

interface Said {
  readonly seat: Seat;
  readonly listener: Listener;
  readonly socket: SocketId;
  readonly bytes: number;
}

function obey(turn: OrangeTurn, { seat, listener, socket, bytes }: Said, message: OrangeClientMessage): void {
  switch (message.type) {
    case "heartbeat":
      seat.heardAt = turn.now;
      break;
    case "userUpdate":
      updateUser(turn, seat, message.user);
      break;
    case "userLeft":
      leave(turn, seat);
      break;
    case "muteUser":
      muteUser(turn, seat, message.id);
      break;
    case "directMessage":
      if (mayPass(turn, socket, listener, bytes)) passDirect(turn, seat, message.to, message.message);
      break;
    case "e2eeMlsMessage":
      if (mayPass(turn, socket, listener, bytes)) passEncrypted(turn, seat, message.payload);
      break;
    case "callsApiHistoryEntry":
      turn.note(seat, noteOf(message.sessionId ?? seat.user.transceiverSessionId ?? seat.id, message.entry));
      break;
    case "enableAi":
      if (mayUseAi(turn, seat, socket)) enableAi(turn, message.instructions, message.voice);
      break;
    case "disableAi":
      if (mayUseAi(turn, seat, socket)) disableAi(turn);
      break;
    case "requestAiControl":
      if (mayUseAi(turn, seat, socket)) requestAiControl(turn, seat, message.track);
      break;
    case "relenquishAiControl":
      relinquishAiControl(turn);
      break;
    case "partyserver-ping":
      turn.tell(seat, { type: "partyserver-pong" });
      break;
  }
}

/** Its client shows the button to everybody, so whoever may not press it is told. */
function mayUseAi(turn: OrangeTurn, seat: Seat, socket: SocketId): boolean {
  const may = turn.floor.mayUseAi(seat.id);
  if (!may) turn.refuse(socket, refusal("not-allowed", "You may not use the AI in this room."));
  return may;
}
