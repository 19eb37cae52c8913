/**
 * The service that the contract is run against: Cloudflare's, or any other, named by environment variables; else our own
 * SFU, started in a process of its own and reached over HTTP like the other.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

export interface Target {
  readonly name: string;
  readonly url: string;
  readonly appId: string;
  readonly secret: string;
  /** Another app of the same service, to see that apps are apart; undefined where the tester has only one. */
  readonly otherApp: { readonly appId: string; readonly secret: string } | undefined;
  /** Whether calls that need no media are answered before the session's own connection is up. */
  readonly answersBeforeConnected: boolean;
  /** Whether a session is refused its 51st call in a second; a distant service may not see so many in one. */
  readonly rationsCalls: boolean;
  /** Whether an unknown session is refused at once; Cloudflare's was seen to leave such a call without an answer. */
  readonly refusesUnknownSessions: boolean;
  close(): Promise<void>;
}

/** `CALLS_CONTRACT_URL`, `CALLS_CONTRACT_APP` and `CALLS_CONTRACT_SECRET` name a service; all three or none. */
export async function openTarget(): Promise<Target> {
  const { CALLS_CONTRACT_URL: url, CALLS_CONTRACT_APP: appId, CALLS_CONTRACT_SECRET: secret } = process.env;
  if (url !== undefined && appId !== undefined && secret !== undefined) {
    return {
      name: new URL(url).host,
      url,
      appId,
      secret,
      otherApp: undefined,
      answersBeforeConnected: false,
      rationsCalls: false,
      refusesUnknownSessions: false,
      close: async () => {},
    };
  }
  return openOwn(1);
}

/** Media in the process of the API, or in so many beside it. */
export async function openOwn(workers: number): Promise<Target> {
  const secret = "a-secret-of-the-contract";
  const script = fileURLToPath(new URL("../../runtime/test/sfu-process.ts", import.meta.url));
  const child = spawn(
    process.execPath,
    ["--conditions=@satsuma/source", script, secret, "0", "0", "{}", String(workers)],
    { stdio: ["pipe", "pipe", "inherit"] },
  );
  const ended = once(child, "exit");
  const [line] = (await once(createInterface({ input: child.stdout }), "line")) as [string];
  const { url } = JSON.parse(line) as { url: string };
  return {
    name: workers === 1 ? "our SFU" : `our SFU with ${workers} media workers`,
    url,
    appId: "app",
    secret,
    otherApp: { appId: "other", secret },
    answersBeforeConnected: true,
    rationsCalls: true,
    refusesUnknownSessions: true,
    close: async () => {
      child.stdin.end();
      await ended;
    },
  };
}
