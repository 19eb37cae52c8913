/** Which capability a command or an order belongs to. Only routes. */
import { type Asker, type Operator, type Outcome, refused, type Speaker } from "./asker.ts";
import { admit, deny } from "./capability/admitting.ts";
import { listAudience } from "./capability/audience.ts";
import { deleteMessage, edit, react, say } from "./capability/chatting.ts";
import { set, unset, unwatch, watch } from "./capability/entries.ts";
import { end } from "./capability/finishing.ts";
import { leave } from "./capability/leaving.ts";
import { askUnmute, silence, stop } from "./capability/moderating.ts";
import { needed } from "./capability/permission.ts";
import { ask, closePoll, deletePoll, listVotes, vote } from "./capability/polling.ts";
import { mute, publish, unpublish } from "./capability/publishing.ts";
import { lower, raise } from "./capability/raising.ts";
import { audit, read } from "./capability/reading.ts";
import { emote, relay } from "./capability/relaying.ts";
import { ban, listBans, removePerson, revoke, unban } from "./capability/removing.ts";
import { describe, rename, update } from "./capability/renaming.ts";
import { keep, record, setPasscode, setRules } from "./capability/ruling.ts";
import { accept, grant, invite, setRole, transfer } from "./capability/stage.ts";
import type { Order, RoomCommand } from "./input.ts";
import type { Turn } from "./turn.ts";

type Shared = Extract<RoomCommand, Order>;

export function obey(turn: Turn, speaker: Speaker, command: RoomCommand): Outcome {
  const grant = needed[command.do];
  if (grant && !speaker.grants.has(grant)) return refused("not-allowed", "You may not do that in this room.");
  switch (command.do) {
    case "publish":
      return publish(turn, speaker, command.tracks);
    case "unpublish":
      return unpublish(turn, speaker, command.names);
    case "mute":
      return mute(turn, speaker, command.name, command.muted);
    case "rename":
      return rename(turn, speaker, command.name);
    case "describe":
      return describe(turn, speaker, command.attributes);
    case "raise":
      return raise(turn, speaker);
    case "accept":
      return accept(turn, speaker);
    case "leave":
      return leave(turn, speaker);
    case "edit":
      return edit(turn, speaker, command.seq, command.text);
    case "react":
      return react(turn, speaker, command.seq, command.emoji, command.on);
    case "emote":
      return emote(turn, speaker, command.emoji);
    case "vote":
      return vote(turn, speaker, command.poll, command.choices);
    case "watch":
      return watch(turn, speaker, command.prefix);
    case "unwatch":
      return unwatch(turn, speaker, command.prefix);
    case "transfer":
      return transfer(turn, speaker, command.id);
    default:
      return obeyAnybody(turn, speaker, command);
  }
}

export function carryOut(turn: Turn, operator: Operator, order: Order): Outcome {
  switch (order.do) {
    case "keep":
      return keep(turn, order.kept);
    case "update":
      return update(turn, operator, order);
    case "revoke":
      return revoke(turn, operator, order, order.before);
    case "say":
    case "poll":
    case "set":
    case "record":
    case "end":
      if (!turn.data.state.meeting) return refused("not-found", "Nobody meets in this room just now.");
      return obeyAnybody(turn, operator, order);
    default:
      return obeyAnybody(turn, operator, order);
  }
}

/** What members and the server may both ask. */
function obeyAnybody(turn: Turn, asker: Asker, command: Shared): Outcome {
  switch (command.do) {
    case "lower":
      return lower(turn, asker, command.id);
    case "say":
      return say(turn, asker, command);
    case "delete":
      return deleteMessage(turn, asker, command.seq);
    case "read":
      return read(turn, asker, command.before, command.limit);
    case "poll":
      return ask(turn, asker, command);
    case "close-poll":
      return closePoll(turn, asker, command.poll);
    case "delete-poll":
      return deletePoll(turn, asker, command.poll);
    case "list-votes":
      return listVotes(turn, asker, command.poll, command.after, command.limit);
    case "set":
      return set(turn, command.key, command.value, command.if);
    case "unset":
      return unset(turn, command.key, command.if);
    case "relay":
      return relay(turn, asker, command.topic, command.payload, command.to);
    case "list-audience":
      return listAudience(turn, command.after, command.limit);
    case "admit":
      return admit(turn, asker, command.ids);
    case "deny":
      return deny(turn, asker, command.ids);
    case "silence":
      return silence(turn, asker, command.id);
    case "ask-unmute":
      return askUnmute(turn, asker, command.id);
    case "stop":
      return stop(turn, asker, command.id, command.source);
    case "remove":
      return removePerson(turn, asker, command.id);
    case "ban":
      return ban(turn, asker, command.identity);
    case "unban":
      return unban(turn, asker, command.identity);
    case "list-bans":
      return listBans(turn, command.after, command.limit);
    case "set-role":
      return setRole(turn, asker, command.id, command.role);
    case "grant":
      return grant(turn, asker, command.id, command.grants);
    case "invite":
      return invite(turn, asker, command.id, command.role);
    case "set-rules":
      return setRules(turn, asker, command.rules);
    case "set-passcode":
      return setPasscode(turn, asker, command.hash);
    case "record":
      return record(turn, asker, command.on);
    case "end":
      return end(turn, asker);
    case "audit":
      return audit(turn, asker, command.before, command.limit);
  }
}
