import { Actor, type Migration } from "@satsuma/durable";

export type CrashQuestion = { readonly bump: number } | "read";

export interface Account {
  /** The last number it was given. */
  readonly n: number;
  /** What must all follow from `n`, if nothing is half there; undefined otherwise. */
  readonly isWhole: boolean;
  /** The number of the last alarm set, and of the last rung. */
  readonly armed: number;
  readonly rung: number;
  readonly wasEarly: boolean;
}

const copies = Array.from({ length: 130 }, (_, index) => `copy ${index}`);

/** Writes one number in many places and by every way of writing, so that any half of it shows. */
export class Bumped extends Actor {
  override async ask(question: CrashQuestion): Promise<Account | undefined> {
    if (question === "read") return this.#read();
    const { storage } = this.context;
    const n = question.bump;
    await storage.put("n", n);
    await storage.put(Object.fromEntries(copies.map((key) => [key, n])));
    await storage.transaction(async (transaction) => {
      await transaction.put("left", ((await transaction.get<number>("left")) ?? 0) - 1);
      await transaction.put("right", ((await transaction.get<number>("right")) ?? 0) + 1);
    });
    await this.record(n);
    if (n % 3 !== 0) return undefined;
    const at = this.context.now() + (n % 40);
    await storage.put("armed", { n, at });
    await storage.setAlarm(at);
    return undefined;
  }

  override async alarm(): Promise<void> {
    const { storage } = this.context;
    const { n = 0, at = 0 } = (await storage.get<{ n: number; at: number }>("armed")) ?? {};
    await storage.put("rung", n);
    if (this.context.now() < at) await storage.put("wasEarly", true);
  }

  /** A class with SQL writes the number there, too. */
  protected async record(_n: number): Promise<void> {}

  protected recorded(): number | undefined {
    return undefined;
  }

  async #read(): Promise<Account> {
    const { storage } = this.context;
    const n = (await storage.get<number>("n")) ?? 0;
    const same = [...(await storage.list<number>({ prefix: "copy " })).values()];
    const left = (await storage.get<number>("left")) ?? 0;
    const right = (await storage.get<number>("right")) ?? 0;
    const isWhole =
      same.every((each) => each === n) &&
      (n === 0 || same.length === copies.length) &&
      left + right === 0 &&
      right === n &&
      (this.recorded() ?? n) === n;
    const armed = (await storage.get<{ n: number }>("armed"))?.n ?? 0;
    const rung = (await storage.get<number>("rung")) ?? 0;
    return { n, isWhole, armed, rung, wasEarly: (await storage.get<boolean>("wasEarly")) ?? false };
  }
}

export class BumpedTable extends Bumped {
  static override readonly sql: boolean = true;
  static override readonly migrations: readonly Migration[] = [
    ({ sql }) => {
      sql.exec("CREATE TABLE numbers (n INTEGER PRIMARY KEY) STRICT");
    },
  ];

  protected override async record(n: number): Promise<void> {
    this.context.storage.sql.exec("INSERT INTO numbers VALUES (?)", n);
  }

  protected override recorded(): number {
    const { count, last } = this.context.storage.sql
      .exec<{ count: number; last: number | null }>("SELECT count(*) AS count, max(n) AS last FROM numbers")
      .one();
    return count === (last ?? 0) ? count : -1;
  }
}

export const names = { shared: ["a", "b", "c", "d", "e", "f"], own: ["g", "h"] } as const;
