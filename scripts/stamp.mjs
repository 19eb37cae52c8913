/**
 * A stamp says which inputs a result was made from.
 *
 * The result is made again only when the stamp beside it is another one. Contents count,
 * times do not: a checkout touches every file and changes none.
 */
import { createHash } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";

/**
 * One word for the contents of these files and these facts. A file that is missing counts as such.
 *
 * @param {readonly string[]} files
 * @param {readonly string[]} facts
 */
export function stampOf(files, facts = []) {
  const hash = createHash("sha256");
  for (const file of [...files].sort()) {
    hash.update(`\0${file}\0`);
    if (existsSync(file)) hash.update(readFileSync(file));
  }
  for (const fact of facts) hash.update(`\0${fact}`);
  return hash.digest("hex");
}

/**
 * @param {string} place
 * @param {string} stamp
 */
export function isStamped(place, stamp) {
  return existsSync(place) && readFileSync(place, "utf8") === stamp;
}

/**
 * @param {string} place
 * @param {string} stamp
 */
export function writeStamp(place, stamp) {
  writeFileSync(place, stamp);
}
