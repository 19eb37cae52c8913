export { type BackoffOptions, backoff, type RetryContext, type RetryPolicy } from "./backoff.ts";
export type { CaptureKind, CaptureSettings } from "./devices/capture.ts";
export type { DeviceErrorCode } from "./devices/errors.ts";
export { canChooseSpeaker, type Device, type DeviceList } from "./devices/list.ts";
export {
  type DeviceKind,
  type InputView,
  LocalMedia,
  type LocalMediaOptions,
  type LocalView,
} from "./devices/local.ts";
export type { MediaState } from "./media/words.ts";
export { joinRoom, Room, type RoomOptions } from "./room.ts";
export type { ConnectionView, EndReason } from "./session/words.ts";
export { type ParticipantView, type RoomSnapshot, type TrackView, trackOf } from "./snapshot.ts";
export { SpeakingDetector, type SpeakingOptions } from "./speaking/detector.ts";
export { type Readable, Store } from "./store.ts";
export { type JoinStep, joinMarks } from "./timing.ts";
