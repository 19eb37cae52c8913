/** How patient the contract's actors are, in milliseconds: short, since most runtimes pass real time. */
export const patience = { inputMs: 1_500, idleMs: 400, restartMs: 50, restartMaxMs: 400 } as const;
