/** A room's name: what stands in the URL after decoding. Whoever writes the same word enters the same room. */
import { limits, type Result, refusal } from "@satsuma/protocol";

/** Takes the decoded name. Two spellings of one accented letter are one name (Unicode NFC). */
export function parseRoomName(raw: string): Result<string> {
  const name = raw.normalize("NFC");
  if (name.length > 0 && name.length <= limits.roomNameLength && /^[^/\p{Cc}]+$/u.test(name)) {
    return { ok: true, value: name };
  }
  const message = `A room's name has 1 to ${limits.roomNameLength} characters, none of them a slash or a control character.`;
  return { ok: false, refusal: refusal("bad-message", message) };
}
