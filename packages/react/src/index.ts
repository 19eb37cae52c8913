export { AudioTracks, type AudioTracksProps } from "./AudioTracks.tsx";
export { type ChatState, useChat, useUnread } from "./chat-hooks.ts";
export { LocalMediaProvider, RoomProvider, useLocalMedia, useRoom } from "./context.tsx";
export type { SelectProps, ToggleProps } from "./control.ts";
export {
  type Capture,
  type DeviceChoice,
  type Input,
  type Treating,
  useCamera,
  useCapture,
  useDevices,
  useMicrophone,
  useMicrophoneLevel,
  useTalkingWhileMuted,
  useTrackEffect,
} from "./device-hooks.ts";
export { Grid, type GridProps } from "./Grid.tsx";
export { type Box, type Layout, type LayoutOptions, layoutOf } from "./layout.ts";
export {
  type Hands,
  type LobbyState,
  type Moderation,
  type Polls,
  type PollView,
  useHands,
  useLobby,
  useMay,
  useModeration,
  usePolls,
  useRules,
} from "./meeting-hooks.ts";
export { ParticipantTile, type ParticipantTileProps, type TileState } from "./ParticipantTile.tsx";
export { type CallTesting, useCallTest } from "./precall-hooks.ts";
export { useNetwork, useQuality, useStep } from "./quality-hooks.ts";
export {
  useConnection,
  useIsSpeaking,
  useLeave,
  useMe,
  useMediaState,
  useParticipant,
  useParticipants,
  useTrack,
} from "./room-hooks.ts";
export { ScreenTile, type ScreenTileProps } from "./ScreenTile.tsx";
export { type ScreenShare, type SharedScreen, useScreenShare, useScreens } from "./screen-hooks.ts";
export { useShown } from "./shown.ts";
export { useStore } from "./store.ts";
export { VideoTrack, type VideoTrackProps } from "./VideoTrack.tsx";
