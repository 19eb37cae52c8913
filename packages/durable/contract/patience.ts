/**
 * How patient the contract's actors are, in milliseconds: short, since most runtimes pass real time, and long enough that a
 * busy machine does not take one for idle between two questions.
 */
export const patience = { inputMs: 1_500, idleMs: 1_200, restartMs: 50, restartMaxMs: 400 } as const;
