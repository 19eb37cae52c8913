/** What the person has allowed, as far as the browser tells, kept up to date. Never asks them anything. */
import type { CaptureKind } from "./capture.ts";

/** Undefined where the browser does not tell: Firefox before 131 does not know these names. */
export async function permissionStatus(kind: CaptureKind): Promise<PermissionStatus | undefined> {
  try {
    return await navigator.permissions.query({ name: kind as PermissionName });
  } catch {
    return undefined;
  }
}

export class PermissionWatch {
  readonly #statuses: PermissionStatus[] = [];
  #closed = false;

  constructor(kinds: readonly CaptureKind[], changed: (kind: CaptureKind, state: PermissionState) => void) {
    for (const kind of kinds) void this.#follow(kind, changed);
  }

  close(): void {
    this.#closed = true;
    for (const status of this.#statuses.splice(0)) status.onchange = null;
  }

  async #follow(kind: CaptureKind, changed: (kind: CaptureKind, state: PermissionState) => void): Promise<void> {
    const status = await permissionStatus(kind);
    if (!status || this.#closed) return;
    this.#statuses.push(status);
    status.onchange = () => changed(kind, status.state);
    changed(kind, status.state);
  }
}
