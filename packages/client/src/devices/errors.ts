/**
 * What may go wrong with a microphone or camera, as one stable word each.
 *
 * Browsers agree on names of exceptions, not on their meaning: Chromium says NotAllowedError for a refusal of the person,
 * a dismissed question and a block by the system alike, and tells them apart in the message only.
 */
export type DeviceErrorCode =
  /** The person, or an earlier decision of theirs, refused. */
  | "denied"
  /** The question was closed without an answer; asking again is possible. */
  | "dismissed"
  /** The operating system does not let this browser at the device. */
  | "blocked-by-system"
  | "not-found"
  /** Another program holds the device, or the driver failed. */
  | "in-use"
  /** The device was unplugged or switched off while in use, and no other took its place. */
  | "lost"
  /** The page is not served over https or from localhost. */
  | "insecure"
  | "unknown";

/** `permission` is what the Permissions API says, where it is known. */
export function deviceErrorCode(thrown: unknown, permission?: PermissionState): DeviceErrorCode {
  const { name, message } = thrown instanceof Error ? thrown : { name: "", message: "" };
  switch (name) {
    case "NotAllowedError":
    case "SecurityError":
      if (/system/i.test(message)) return "blocked-by-system";
      return permission === "prompt" || /dismissed/i.test(message) ? "dismissed" : "denied";
    case "NotFoundError":
    case "DevicesNotFoundError":
    case "OverconstrainedError":
      return "not-found";
    case "NotReadableError":
    case "TrackStartError":
    case "AbortError":
      return "in-use";
    case "TypeError":
    case "NotSupportedError":
      return "insecure";
    default:
      return "unknown";
  }
}
