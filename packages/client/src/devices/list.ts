/** The devices there are, kept up to date. Names are empty until a permission was given; ids may be too. */
import { Store } from "../store.ts";

export interface Device {
  readonly id: string;
  /** As the system calls it; empty before permission. */
  readonly label: string;
}

export interface DeviceList {
  readonly microphones: readonly Device[];
  readonly cameras: readonly Device[];
  /** Empty where the browser does not let pages choose. */
  readonly speakers: readonly Device[];
}

const noDevices: DeviceList = { microphones: [], cameras: [], speakers: [] };

export class DeviceWatch {
  readonly list = new Store<DeviceList>(noDevices);
  readonly #refresh = () => void this.refresh();

  constructor() {
    navigator.mediaDevices?.addEventListener("devicechange", this.#refresh);
    this.#refresh();
  }

  async refresh(): Promise<void> {
    if (!navigator.mediaDevices?.enumerateDevices) return;
    const all = await navigator.mediaDevices.enumerateDevices();
    const next: DeviceList = {
      microphones: pick(all, "audioinput"),
      cameras: pick(all, "videoinput"),
      speakers: canChooseSpeaker() ? pick(all, "audiooutput") : [],
    };
    if (JSON.stringify(next) !== JSON.stringify(this.list.snapshot())) this.list.set(next);
  }

  close(): void {
    navigator.mediaDevices?.removeEventListener("devicechange", this.#refresh);
  }
}

export function canChooseSpeaker(): boolean {
  return typeof HTMLMediaElement !== "undefined" && "setSinkId" in HTMLMediaElement.prototype;
}

/** Without Windows' second alias of the default device. */
function pick(all: readonly MediaDeviceInfo[], kind: MediaDeviceKind): Device[] {
  return all
    .filter((device) => device.kind === kind && device.deviceId !== "communications")
    .map((device) => ({ id: device.deviceId, label: device.label }));
}
