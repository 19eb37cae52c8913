/** Every number of Orange's dialect. The first three are the protocol's own; the others bound what a client may cost. */
export interface OrangeSettings {
  /** Milliseconds since its last heartbeat after which a user is gone. */
  readonly heartbeatWithin: number;
  /** Milliseconds between two looks at the heartbeats, each of which sends everyone the state. */
  readonly alarmInterval: number;
  /** Milliseconds between two states to everyone: what happens in between is told in one. */
  readonly window: number;
  /** Users of this dialect in one room, those in its lobby included. */
  readonly users: number;
  /** Messages per second that one socket may send for long. */
  readonly messageRate: number;
  /** Messages that one socket may send at once. As many again are refused before the socket is closed. */
  readonly messageBurst: number;
  /** Bytes per second that one socket may have passed on to others for long. */
  readonly passedRate: number;
  /** Bytes that one socket may have passed on to others at once. */
  readonly passedBurst: number;
}

export const defaultOrangeSettings: OrangeSettings = {
  // Three of the client's heartbeats, of which it sends one each 5 s.
  heartbeatWithin: 15_000,
  alarmInterval: 15_000,
  // Measured: docs/orange.md.
  window: 75,
  // 300 users make a state of 134 kB, and each of them is sent every state. Larger rooms are for the other dialect.
  users: 300,
  // Two messages for each Calls request, and a page that joins fifty others makes some hundred of them in a few seconds.
  messageRate: 50,
  // Everything said while the socket was away comes at once: a heartbeat each 5 s for four hours.
  messageBurst: 3_000,
  // MLS: in a group of 200 who join in a minute, one member sends each of them a welcome of 200 kB.
  passedRate: 1_048_576,
  // Two welcomes of the largest size.
  passedBurst: 4_194_304,
};
