import { canTreatSound } from "@satsuma/effects";
import { useKept } from "../settings/kept.ts";
import { useText } from "../text/language.ts";
import { Row } from "../ui/Row.tsx";
import { Toggle } from "../ui/Toggle.tsx";
import { voiceOnly } from "./choice.ts";

/** Whether others hear the voice alone. */
export function VoiceOnly() {
  const text = useText().effects;
  const on = useKept(voiceOnly);
  if (!canTreatSound()) return null;
  return (
    <Row label={text.voiceOnly} hint={text.voiceOnlyHint}>
      <Toggle label={text.voiceOnly} on={on} onChange={(on) => voiceOnly.set(on)} />
    </Row>
  );
}
