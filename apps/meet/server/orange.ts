/** What the room server needs to speak Orange Meets' dialect: secrets from the configuration, or made and kept. */
import type { OrangeOptions } from "@satsuma/runtime/node";
import { kept } from "./kept.ts";
import type { Settings } from "./settings.ts";

export async function orangeOptions({ orange, data }: Settings): Promise<OrangeOptions> {
  const [first = await kept(data, "orange-session.key", 32), ...more] = orange.secrets ?? [];
  const lockKey = Buffer.from(await kept(data, "orange-lock.key", 32), "base64url");
  return { secrets: [first, ...more], lockKey, ...(orange.nameHeader && { nameHeader: orange.nameHeader }) };
}
