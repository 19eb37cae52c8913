import { LocalMediaProvider, RoomProvider } from "@satsuma/react";
import { Call } from "../call/Call.tsx";
import { useVisit } from "../join/stage.ts";
import { Left } from "./Left.tsx";
import { Lobby } from "./Lobby.tsx";

/** A visit to one room, from the lobby to the page after the call. */
export function Meeting({ room }: { readonly room: string }) {
  const { stage, join, again } = useVisit(room);
  switch (stage?.stage) {
    case undefined:
      return null;
    case "lobby":
    case "joining":
      return (
        <LocalMediaProvider media={stage.devices.media}>
          <Lobby
            room={room}
            onJoin={join}
            joining={stage.stage === "joining"}
            problem={stage.stage === "lobby" ? stage.problem : undefined}
          />
        </LocalMediaProvider>
      );
    case "call":
      return (
        <RoomProvider room={stage.room}>
          <Call />
        </RoomProvider>
      );
    case "out":
      return <Left end={stage.end} onAgain={again} />;
  }
}
