/** Rejects what is not there after so many milliseconds: what an app or a network promised may never come. */
export function within<Result>(milliseconds: number, promise: Promise<Result>): Promise<Result> {
  // The browser's own timer, which nobody has to end.
  const signal = AbortSignal.timeout(milliseconds);
  return new Promise((resolve, reject) => {
    signal.addEventListener("abort", () => reject(signal.reason), { once: true });
    promise.then(resolve, reject);
  });
}
