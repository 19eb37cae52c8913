import type { DeviceErrorCode } from "@satsuma/client";
import { useCamera, useLocalMedia, useMicrophone } from "@satsuma/react";
import { useText } from "../text/language.ts";
import { Button } from "../ui/Button.tsx";
import { Notice } from "../ui/Notice.tsx";

export interface DeviceProblemsProps {
  /** Asked for when the person may put the matter aside. */
  readonly onDismiss?: () => void;
}

/** Why the microphone or camera is not there although it was wanted, and what to do. One notice when both share a reason. */
export function DeviceProblems({ onDismiss }: DeviceProblemsProps) {
  const media = useLocalMedia();
  const microphone = useMicrophone();
  const camera = useCamera();
  if (microphone.error && microphone.error === camera.error) {
    return <Problem what="both" why={microphone.error} onRetry={() => void media.start()} onDismiss={onDismiss} />;
  }
  return (
    <>
      {microphone.error && (
        <Problem
          what="microphone"
          why={microphone.error}
          onRetry={() => void microphone.set(true)}
          onDismiss={onDismiss}
        />
      )}
      {camera.error && (
        <Problem what="camera" why={camera.error} onRetry={() => void camera.set(true)} onDismiss={onDismiss} />
      )}
    </>
  );
}

interface ProblemProps {
  readonly what: "microphone" | "camera" | "both";
  readonly why: DeviceErrorCode;
  readonly onRetry: () => void;
  readonly onDismiss: (() => void) | undefined;
}

function Problem({ what, why, onRetry, onDismiss }: ProblemProps) {
  const text = useText();
  return (
    <Notice
      title={text.problems[what][why]}
      action={
        <Button size="small" onClick={onRetry}>
          {text.devices.retry}
        </Button>
      }
      dismiss={onDismiss && { label: text.devices.dismiss, onDismiss }}
    >
      {text.problems.whatToDo[why]}
    </Notice>
  );
}
