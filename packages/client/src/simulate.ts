/**
 * Faults on demand, so that an app can be tried on bad days: each does to a room what the world does to it.
 *
 * What follows is what follows of the real fault: nothing here reaches into the recovery.
 */
export type Scenario =
  /** The socket breaks, as when a proxy restarts. Media is to go on. */
  | "lose-socket"
  /** The media connection fails, as when its path dies. The room is to go on. */
  | "lose-media"
  /** The media server forgets the session, as when it restarts. */
  | "kill-session"
  /** The network becomes another one, as from Wi-Fi to mobile. */
  | "switch-network"
  /** Socket and media fail at once, as when a laptop wakes up elsewhere. */
  | "rebuild"
  /** What this page may send is bounded, in bits/s for each picture; undefined lifts the bound. */
  | { readonly throttle: number | undefined };

/** What a scenario takes hold of. */
export interface Faults {
  breakSocket(): void;
  failTransport(): void;
  forgetSession(): void;
  changeNetwork(): void;
  boundPictures(bitrate: number | undefined): void;
}

export function simulate(scenario: Scenario, faults: Faults): void {
  switch (scenario) {
    case "lose-socket":
      faults.breakSocket();
      break;
    case "lose-media":
      faults.failTransport();
      break;
    case "kill-session":
      faults.forgetSession();
      break;
    case "switch-network":
      faults.changeNetwork();
      break;
    case "rebuild":
      faults.breakSocket();
      faults.failTransport();
      break;
    default:
      faults.boundPictures(scenario.throttle);
  }
}
