/** The words that both directions share, each with its bounds. */
import * as v from "valibot";
import { limits } from "../../limits.ts";
import { hasSomethingToSee, isNameText } from "../../name.ts";
import { grants } from "../grants.ts";

/** Half of a surrogate pair is no text: two such halves are one and the same once they are written as UTF-8. */
export const wellFormed = v.check<string, string>((text) => text.isWellFormed(), "This is not well-formed Unicode.");
export const id = v.pipe(v.string(), v.minLength(1), v.maxLength(128), wellFormed);
export const count = v.pipe(v.number(), v.safeInteger(), v.minValue(0));

/**
 * A name for people: trimmed, on one line, in the direction of its own letters, and with something to see. Joiners stay: many
 * scripts and emoji need them.
 */
export const nameSchema = v.pipe(
  v.string(),
  v.trim(),
  v.minLength(1),
  v.maxLength(limits.nameLength),
  v.check(isNameText, "Control characters are not allowed."),
  v.check(hasSomethingToSee, "Nothing of it can be seen."),
  wellFormed,
);

/** As in Calls, except that a track name may not hold a slash: Orange joins session and name with one. */
export const trackName = v.pipe(
  v.string(),
  v.regex(/^[^/\p{Cc}]+$/u, "A track name has no slash and no control characters."),
  v.maxLength(limits.trackNameLength),
  wellFormed,
);

export const source = v.picklist(["microphone", "camera", "screen", "screen-audio"]);
export const role = v.picklist(["host", "speaker", "listener"]);
export const grant = v.picklist(grants);
export const quality = v.picklist(["good", "fair", "poor", "lost"]);
export const connection = v.picklist(["connected", "recovering"]);

export const track = v.strictObject({
  name: trackName,
  kind: v.picklist(["audio", "video"]),
  source,
  session: id,
  muted: v.boolean(),
});
