/** Secrets in the data folder; a folder that cannot be used is the operator's matter, and said in one sentence. */
import { keptSecret } from "@satsuma/runtime/node";
import { StartError, variableOf } from "./config.ts";
import type { Settings } from "./settings.ts";

export async function kept({ folder }: Settings["data"], name: string, bytes: number): Promise<string> {
  return keptSecret(folder, name, bytes).catch((error: unknown) => {
    if (!(error instanceof Error && "code" in error)) throw error;
    const option = variableOf("data", "folder");
    throw new StartError(`The data folder ${folder} cannot be used (${error.code}); choose another with ${option}.`);
  });
}
