export { type BackoffOptions, backoff, type RetryContext, type RetryPolicy } from "./backoff.ts";
export { Chat, type SayOptions } from "./chat/chat.ts";
export type { ChatView } from "./chat/log.ts";
export type { CaptureChange, CaptureKind, CaptureSettings } from "./devices/capture.ts";
export {
  type AppliedEffect,
  EffectError,
  type EffectReason,
  type EffectView,
  type TrackEffect,
} from "./devices/effect.ts";
export type { DeviceErrorCode } from "./devices/errors.ts";
export type { DeviceTrouble } from "./devices/health.ts";
export { canChooseSpeaker, type Device, type DeviceList } from "./devices/list.ts";
export { type InputView, LocalMedia, type LocalMediaOptions, type LocalView } from "./devices/local.ts";
export { type DeviceKind, type DevicePreference, type Order, readPreference } from "./devices/preference.ts";
export { canShare, type Screen, Screens, type Shared, type ShareOptions } from "./devices/screens.ts";
export type { IceSource } from "./media/ice.ts";
export type { IceGrant } from "./media/ice-schedule.ts";
export type { Cause as ConnectionCause, ConnectionState, Transition } from "./media/life.ts";
export type { ConnectionRecord } from "./media/record.ts";
export type { MediaState } from "./media/words.ts";
export type { Outages } from "./outages.ts";
export { CallTest, type CallTestOptions, testCall } from "./precall/call-test.ts";
export type {
  PathMeasured,
  PrecallAdvice,
  PrecallCode,
  PrecallStep,
  PrecallStepName,
  PrecallVerdict,
} from "./precall/steps.ts";
export type { QualityAlert } from "./quality/alarms.ts";
export type { Threshold } from "./quality/gauge.ts";
export type { QualityEvent, QualityView } from "./quality/monitor.ts";
export type { ConnectionSample, Limitation, TrackSample } from "./quality/sample.ts";
export type { Step } from "./quality/steps.ts";
export { defaultThresholds, type Thresholds } from "./quality/thresholds.ts";
export type { Advice, Cause, Level, Verdict } from "./quality/verdict.ts";
export type { WatchOptions } from "./quality/watch.ts";
export { type CallMetrics, joinRoom, Room, type RoomOptions } from "./room.ts";
export type { Answer } from "./session/asks.ts";
export type { Lobby } from "./session/known.ts";
export type { ConnectionView, EndReason, Happening } from "./session/words.ts";
export type { Scenario } from "./simulate.ts";
export { type ParticipantView, type RoomSnapshot, type TrackView, trackOf } from "./snapshot.ts";
export { SpeakingDetector, type SpeakingOptions } from "./speaking/detector.ts";
export { type Readable, Store } from "./store.ts";
export { type JoinStep, joinMarks } from "./timing.ts";
