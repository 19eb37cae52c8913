/**
 * What people say of their calls: bug reports, tracks that carried nothing, pages loaded anew, and whether it went well.
 *
 * An actor keeps them, oldest out first, until somebody fetches them; carrying them on to where a team reads them is its
 * own matter. What a bug report holds of a call can be read under the id that goes out with it.
 */
import { Actor, type Json } from "@satsuma/durable";

export type ReportKind = "bug" | "dead-track" | "refresh" | "feedback";

export interface Report {
  readonly kind: ReportKind;
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly from: string;
  readonly body: Json;
  /** Where what a bug report holds of the call is kept. */
  readonly debug?: string;
}

export type ReportQuestion =
  /** `debug` is kept under an id of its own, which is the answer. */
  | { readonly ask: "keep"; readonly report: Omit<Report, "at">; readonly debug?: Json }
  | { readonly ask: "debug"; readonly id: string }
  /** The newest first. */
  | { readonly ask: "list"; readonly limit: number };

/** Reports of each sort that are kept: weeks of a busy team's. */
const most = 1_000;
/** What a page remembers of its calls is some 100 kB; ten days of ten reports a day. */
const mostDebug = 100;

export class ReportsObject extends Actor {
  override async ask(question: ReportQuestion): Promise<string | Json | readonly Report[] | undefined> {
    const { storage } = this.context;
    switch (question.ask) {
      case "keep":
        return this.#keep(question.report, question.debug);
      case "debug":
        return storage.get<Json>(`debug:${question.id}`);
      case "list":
        return [...(await storage.list<Report>({ prefix: "report:", reverse: true, limit: question.limit })).values()];
    }
  }

  async #keep(report: Omit<Report, "at">, debug: Json | undefined): Promise<string> {
    const id = crypto.randomUUID();
    await this.#append("report", most, {
      ...report,
      at: this.context.now(),
      ...(debug !== undefined && { debug: id }),
    } satisfies Report);
    if (debug !== undefined) {
      const old = await this.#append("debug-id", mostDebug, id);
      await this.context.storage.put(`debug:${id}`, debug);
      if (old !== undefined) await this.context.storage.delete(`debug:${old}`);
    }
    return id;
  }

  /** Puts one at the end of a list, and gives the one that has to make room. */
  async #append(list: string, kept: number, value: unknown): Promise<unknown> {
    const { storage } = this.context;
    const number = ((await storage.get<number>(`last:${list}`)) ?? 0) + 1;
    await storage.put({ [`last:${list}`]: number, [keyOf(list, number)]: value });
    const old = await storage.get(keyOf(list, number - kept));
    if (old !== undefined) await storage.delete(keyOf(list, number - kept));
    return old;
  }
}

/** Keys whose order is that of their numbers. */
function keyOf(list: string, number: number): string {
  return `${list}:${String(Math.max(0, number)).padStart(12, "0")}`;
}
