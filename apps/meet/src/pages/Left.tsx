import type { EndReason } from "@satsuma/client";
import { useLocation } from "wouter";
import { reasonText } from "../join/reason.ts";
import { useText } from "../text/language.ts";
import { Button } from "../ui/Button.tsx";
import { Message } from "./Message.tsx";

export interface LeftProps {
  readonly end: EndReason;
  readonly onAgain: () => void;
}

/** After the call, by whatever way it ended. */
export function Left({ end, onAgain }: LeftProps) {
  const text = useText();
  const [, go] = useLocation();
  const words = {
    left: { title: text.left.title, lead: text.left.lead },
    replaced: { title: text.left.replaced, lead: text.left.replacedLead },
    refused: { title: text.left.refused, lead: reasonText(end, text) },
    unreachable: { title: text.left.unreachable, lead: text.left.unreachableLead },
  }[end.why];
  return (
    <Message {...words}>
      <Button look="primary" size="large" onClick={onAgain}>
        {end.why === "replaced" ? text.left.useHere : text.left.rejoin}
      </Button>
      <Button size="large" onClick={() => go("/")}>
        {text.left.home}
      </Button>
    </Message>
  );
}
