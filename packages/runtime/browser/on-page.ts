/** Calls a function of a test page by its name; the pages keep theirs in `window.page`. */
import type { Page } from "playwright-core";

// biome-ignore lint/suspicious/noExplicitAny: any function can be looked up by its name; its own types are kept.
type Functions = Readonly<Record<string, (...args: any[]) => unknown>>;

export async function onPage<Own extends Functions, Name extends keyof Own & string>(
  page: Page,
  name: Name,
  args: Parameters<Own[Name]>,
): Promise<Awaited<ReturnType<Own[Name]>>> {
  try {
    return (await page.evaluate(
      ([called, given]) => {
        const { page: functions } = window as unknown as { page: Functions };
        return functions[called]?.(...given);
      },
      [name, args] as [string, unknown[]],
    )) as Awaited<ReturnType<Own[Name]>>;
  } catch (error) {
    // The page's own stack names files that the test runner would look for here.
    throw new Error(`${name}: ${error instanceof Error ? error.message.split("\n")[0] : error}`);
  }
}
