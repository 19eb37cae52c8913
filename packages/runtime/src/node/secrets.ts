/**
 * Secrets that a process makes for itself and keeps: a file with one line, readable by its owner only.
 *
 * Two processes that start at once on one folder agree: the file is created exclusively, and the loser reads the winner's.
 */
import { randomBytes, randomUUID } from "node:crypto";
import { link, mkdir, open, readFile, unlink } from "node:fs/promises";
import { join } from "node:path";

/** The secret kept under `name` in `folder`, made of `bytes` random bytes as base64url if there is none yet. */
export async function keptSecret(folder: string, name: string, bytes: number): Promise<string> {
  const path = join(folder, name);
  const kept = await read(path);
  if (kept) return kept;
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await create(path, randomBytes(bytes).toString("base64url"));
  const made = await read(path);
  if (!made) throw new Error(`${path} is empty; remove it to have a new secret made.`);
  return made;
}

async function read(path: string): Promise<string | undefined> {
  try {
    return (await readFile(path, "utf8")).trim();
  } catch (error) {
    if (isCode(error, "ENOENT")) return undefined;
    throw error;
  }
}

/** Written beside and linked into place, so that nobody ever reads half a secret. */
async function create(path: string, secret: string): Promise<void> {
  const draft = `${path}.${randomUUID()}`;
  const file = await open(draft, "w", 0o600);
  try {
    await file.writeFile(`${secret}\n`);
    await file.sync();
  } finally {
    await file.close();
  }
  try {
    await link(draft, path);
  } catch (error) {
    if (!isCode(error, "EEXIST")) throw error;
  } finally {
    await unlink(draft);
  }
}

function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && "code" in error && error.code === code;
}
