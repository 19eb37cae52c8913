/** How long a session lives, from what its transport says. Time comes in, deadlines go out. */
import type { TransportState } from "../transport.ts";

export type Lifetime =
  /** Never connected so far. */
  | { readonly state: "new"; readonly deadline: number }
  | { readonly state: "connected" }
  | { readonly state: "disconnected"; readonly deadline: number }
  | { readonly state: "ended" };

export interface LifetimeLimits {
  /** ms. */
  readonly unconnected: number;
  /** ms. */
  readonly disconnected: number;
}

export function begin(now: number, limits: LifetimeLimits): Lifetime {
  return { state: "new", deadline: now + limits.unconnected };
}

export function transportChanged(
  lifetime: Lifetime,
  state: TransportState,
  now: number,
  limits: LifetimeLimits,
): Lifetime {
  if (lifetime.state === "ended") return lifetime;
  switch (state) {
    case "connecting":
      return lifetime;
    case "connected":
      return { state: "connected" };
    case "disconnected":
      return lifetime.state === "connected" ? { state: "disconnected", deadline: now + limits.disconnected } : lifetime;
    case "closed":
      return { state: "ended" };
  }
}

/** The lifetime at `now`: ended once its deadline has passed. */
export function elapsed(lifetime: Lifetime, now: number): Lifetime {
  return "deadline" in lifetime && now >= lifetime.deadline ? { state: "ended" } : lifetime;
}

export function deadlineOf(lifetime: Lifetime): number | undefined {
  return "deadline" in lifetime ? lifetime.deadline : undefined;
}
