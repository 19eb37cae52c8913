import { useCamera, useMicrophone, useParticipants } from "@satsuma/react";
import { useEffect, useRef, useState } from "react";
import { useText } from "../text/language.ts";
import { rosterNews } from "./roster.ts";

/** Tells screen readers who came and went, and what one's own switches did when a key was pressed. */
export function Announcer() {
  const text = useText().call;
  const participants = useParticipants();
  const microphone = useMicrophone().on;
  const camera = useCamera().on;
  const before = useRef({ participants, microphone, camera });
  const [news, setNews] = useState("");
  useEffect(() => {
    const last = before.current;
    before.current = { participants, microphone, camera };
    const sentences = rosterNews(last.participants, participants, text);
    if (last.microphone !== microphone) sentences.push(microphone ? text.nowUnmuted : text.nowMuted);
    if (last.camera !== camera) sentences.push(camera ? text.cameraNowOn : text.cameraNowOff);
    if (sentences.length > 0) setNews(sentences.join(". "));
  }, [participants, microphone, camera, text]);
  return (
    <output aria-live="polite" className="sr-only" data-testid="announcer">
      {news}
    </output>
  );
}
