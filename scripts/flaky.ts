/** A Vitest reporter that says which tests passed only when they were tried again, so that none of them goes unseen. */
import { appendFileSync } from "node:fs";
import type { Reporter, TestCase } from "vitest/node";

export default class Flaky implements Reporter {
  readonly #file = process.env.SATSUMA_FLAKY_REPORT;

  onTestCaseResult(test: TestCase): void {
    if (this.#file === undefined || test.diagnostic()?.flaky !== true) return;
    const [first] = test.result().errors ?? [];
    const reason = (first?.message ?? "").split("\n", 1)[0];
    appendFileSync(this.#file, `${test.module.relativeModuleId}: ${test.fullName}: ${reason}\n`);
  }
}
