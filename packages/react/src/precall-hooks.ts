/** A test before a call, for a lobby. */
import { type CallTest, type PrecallStep, Store } from "@satsuma/client";
import { useCallback, useEffect, useState } from "react";
import { useStore } from "./store.ts";

export interface CallTesting {
  /** Empty before the first test. */
  readonly steps: readonly PrecallStep[];
  readonly running: boolean;
  /** Begins a test, and ends the one before. */
  readonly begin: (start: () => CallTest) => void;
}

const noTest = new Store<readonly PrecallStep[]>([]);

/** A test ends with the component that shows it. */
export function useCallTest(): CallTesting {
  const [test, setTest] = useState<CallTest>();
  const steps = useStore(test ?? noTest, (view) => view);
  useEffect(() => () => test?.close(), [test]);
  const begin = useCallback((start: () => CallTest) => setTest(start()), []);
  return { steps, running: test !== undefined && !test.over, begin };
}
