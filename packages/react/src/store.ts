/** Reads part of a store. Renders again only when the part is another value, by `Object.is`. */
import type { Readable } from "@satsuma/client";
import { useSyncExternalStore } from "react";

/** `select` must give the same object while nothing it reads has changed. */
export function useStore<T, Part>(store: Readable<T>, select: (value: T) => Part): Part {
  const part = () => select(store.snapshot());
  return useSyncExternalStore(store.subscribe, part, part);
}
