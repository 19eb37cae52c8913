import type { Keeper } from "./keeper.ts";
import type { Transaction } from "./storage.ts";

/** One step from a schema to the next. Steps are numbered by their place and never change once released. */
export type Migration = (storage: Transaction) => Promise<void> | void;

const note = "schema";

/** Runs the steps this actor has not seen, in order, in one transaction together with the note of having run them. */
export async function migrated(keeper: Keeper, steps: readonly Migration[]): Promise<void> {
  if ((keeper.note<number>(note) ?? 0) >= steps.length) return;
  await keeper.transaction((transaction) => runSteps(keeper, transaction, steps));
}

/** The same, inside a transaction that is already open. */
export async function runSteps(keeper: Keeper, transaction: Transaction, steps: readonly Migration[]): Promise<void> {
  for (const step of steps.slice(keeper.note<number>(note) ?? 0)) await step(transaction);
  if (steps.length > 0) keeper.setNote(note, steps.length);
}
