import { type PrecallStep, testCall } from "@satsuma/client";
import { useCallTest, useLocalMedia } from "@satsuma/react";
import { Check, Circle, CircleAlert, LoaderCircle, Minus } from "lucide-react";
import { grantOf, requestToken } from "../join/admission.ts";
import { useText } from "../text/language.ts";
import { Button } from "../ui/Button.tsx";

/** Tries the way of a call before the call, in a room that nobody else knows. */
export function ConnectionTest() {
  const text = useText().test;
  const media = useLocalMedia();
  const { steps, running, begin } = useCallTest();
  const start = () => {
    if (running) return;
    const room = `test-${crypto.randomUUID()}`;
    const token = async () => (await requestToken(room, { name: "Test" })).token;
    const iceServers = async () => grantOf((await requestToken(room, { name: "Test" })).relay);
    begin(() => testCall({ room, token, iceServers, media }));
  };
  return (
    <div className="grid gap-3 border-t border-line pt-5">
      <Button size="small" onClick={start} aria-disabled={running} className="justify-self-start">
        {running ? text.running : text.begin}
      </Button>
      {steps.length > 0 && (
        <ul aria-live="polite" aria-label={text.results} className="grid gap-2 text-sm">
          {steps.map((step) => (
            <Line key={step.step} step={step} />
          ))}
        </ul>
      )}
    </div>
  );
}

const icons = {
  waiting: <Circle className="text-soft" />,
  running: <LoaderCircle className="animate-spin-slow text-accent-text" />,
  passed: <Check className="text-leaf" />,
  warned: <CircleAlert className="text-notice-text" />,
  failed: <CircleAlert className="text-danger-text" />,
  skipped: <Minus className="text-soft" />,
};

function Line({ step }: { readonly step: PrecallStep }) {
  const text = useText().test;
  const { result } = step;
  const advice = result === "warned" || result === "failed" ? text.advice[step.advice] : undefined;
  return (
    <li
      data-testid={`test-${step.step}`}
      data-result={result}
      className="flex items-start gap-2.5 [&>svg]:mt-0.5 [&>svg]:size-4.5 [&>svg]:shrink-0"
    >
      {icons[result]}
      <span>
        <span className="font-medium">{text.steps[step.step]}</span>{" "}
        <span className="text-soft">
          {text.result[result]} {advice}
        </span>
      </span>
    </li>
  );
}
