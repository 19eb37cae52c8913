/** A page that is in a call as Orange's is: partysocket to the room, partytracks to the media server, track strings between. */
import type { OrangeRoomState, OrangeServerMessage, OrangeUser } from "@satsuma/protocol";
import { PartySocket } from "partysocket";
import { PartyTracks } from "partytracks/client";
import { BehaviorSubject, of } from "rxjs";
import { camera, microphone, type Received, received } from "./media.ts";

interface Call {
  readonly socket: PartySocket;
  readonly tracks: PartyTracks;
  state: OrangeRoomState;
  connection: RTCPeerConnection | undefined;
  session: string | undefined;
  /** Track strings by field, as they are published. */
  readonly published: { audio?: string; video?: string };
}

let call: Call | undefined;

const page = {
  /** Resolves in the lobby: there is a state, a meeting in it, and a media session. */
  async enter(room: string): Promise<string> {
    const socket = new PartySocket({ host: location.host, party: "rooms", room });
    setInterval(() => socket.send(JSON.stringify({ type: "heartbeat" })), 5_000);
    const state = await new Promise<OrangeRoomState>((resolve) => {
      socket.addEventListener("message", ({ data }) => {
        const message = JSON.parse(data) as OrangeServerMessage;
        if (message.type !== "roomState") return;
        if (call) call.state = message.state;
        if (message.state.meetingId) resolve(message.state);
      });
    });
    const tracks = new PartyTracks({ prefix: "/partytracks", apiExtraParams: `correlationId=${state.meetingId}` });
    const entered: Call = { socket, tracks, state, connection: undefined, session: undefined, published: {} };
    call = entered;
    tracks.session$.subscribe(({ peerConnection, sessionId }) => {
      entered.connection = peerConnection;
      entered.session = sessionId;
      tell();
    });
    return socket.id;
  },

  /** Publishes a microphone and a camera, and says so. */
  async join(name: string): Promise<void> {
    const { tracks, published, socket } = current();
    const sources = { audio: await microphone(), video: await camera(320, 240) };
    for (const field of ["audio", "video"] as const) {
      tracks.push(new BehaviorSubject(sources[field])).subscribe(({ sessionId, trackName }) => {
        published[field] = `${sessionId}/${trackName}`;
        tell();
      });
    }
    user = { id: socket.id, name };
    socket.addEventListener("open", tell);
    tell();
  },

  users: (): readonly OrangeUser[] => current().state.users,

  /** Pulls what somebody publishes, by the track string that the room told. */
  pull(id: string, field: "audio" | "video"): void {
    const string = current().state.users.find((other) => other.id === id)?.tracks[field];
    const [sessionId, trackName] = string?.split("/") ?? [];
    if (sessionId === undefined || trackName === undefined) throw new Error(`${id} publishes no ${field}.`);
    const metadata = of({ sessionId, trackName, location: "remote" as const });
    current().tracks.pull(metadata).subscribe(show);
  },

  async received(): Promise<Received | undefined> {
    const { connection } = current();
    return connection && received(connection);
  },

  history: () => current().tracks.history.entries,
  leave: () => current().socket.send(JSON.stringify({ type: "userLeft" })),
};

export type OrangePage = typeof page;

Object.assign(window, { page });

let user: { readonly id: string; readonly name: string } | undefined;

function tell(): void {
  if (user === undefined) return;
  const { socket, session, published } = current();
  const tracks = {
    ...published,
    audioEnabled: true,
    audioUnavailable: false,
    videoEnabled: true,
    screenShareEnabled: false,
  };
  const said = { ...user, transceiverSessionId: session, joined: true, raisedHand: false, speaking: false, tracks };
  socket.send(JSON.stringify({ type: "userUpdate", user: said }));
}

function current(): Call {
  if (call === undefined) throw new Error("There is no call.");
  return call;
}

function show(track: MediaStreamTrack): void {
  const element = document.createElement(track.kind === "video" ? "video" : "audio");
  element.autoplay = true;
  element.srcObject = new MediaStream([track]);
  document.body.append(element);
}
