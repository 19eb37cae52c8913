/** coturn, the relay that the TURN tests run for real. */
import { ensurePackages } from "./debian.ts";

export function ensureCoturn(): void {
  ensurePackages({ purpose: "The TURN tests", probe: ["turnserver", "--version"], packages: ["coturn"] });
}
