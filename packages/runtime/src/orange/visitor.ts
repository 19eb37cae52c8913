/** Who stands at Orange's door. There are no accounts: a name, and a person as far as the same browser can be told again. */
export interface Visitor {
  readonly name: string;
  /** The same for every socket and request of one browser or one authenticated address. */
  readonly person: string;
  /** Milliseconds since the epoch: when the name was given; 0 when nobody knows. Who is removed from a room needs a later one. */
  readonly since: number;
}
