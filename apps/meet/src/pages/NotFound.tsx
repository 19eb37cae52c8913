import { useLocation } from "wouter";
import { useText } from "../text/language.ts";
import { Button } from "../ui/Button.tsx";
import { Message } from "./Message.tsx";

export function NotFound() {
  const text = useText().notFound;
  const [, go] = useLocation();
  return (
    <Message title={text.title} lead={text.lead}>
      <Button look="primary" size="large" onClick={() => go("/")}>
        {text.home}
      </Button>
    </Message>
  );
}
