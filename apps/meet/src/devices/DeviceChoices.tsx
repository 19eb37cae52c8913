import { canChooseSpeaker, type DeviceKind } from "@satsuma/client";
import { useDevices } from "@satsuma/react";
import { Mic, Video, Volume2 } from "lucide-react";
import { useText } from "../text/language.ts";
import { Choice, type Option } from "../ui/Choice.tsx";

const icons = { microphone: <Mic />, camera: <Video />, speaker: <Volume2 /> };

/** Which microphone, camera and, where the browser allows it, speaker. */
export function DeviceChoices() {
  return (
    <>
      <DeviceChoice kind="microphone" />
      <DeviceChoice kind="camera" />
      {canChooseSpeaker() && <DeviceChoice kind="speaker" />}
    </>
  );
}

function DeviceChoice({ kind }: { readonly kind: DeviceKind }) {
  const text = useText().devices;
  const { devices, selected, select } = useDevices(kind);
  // Before a permission browsers tell of devices without their ids; there is nothing to choose yet.
  const options: Option[] = devices
    .filter(({ id }) => id !== "")
    .map(({ id, label }, index) => ({ value: id, label: label || text.unnamed(text[kind], index + 1) }));
  return (
    <Choice
      label={text[kind]}
      icon={icons[kind]}
      options={options}
      value={selected}
      onChange={(id) => void select(id)}
      empty={devices.length === 0 && kind !== "speaker" ? text.none : text.systemDefault}
    />
  );
}
