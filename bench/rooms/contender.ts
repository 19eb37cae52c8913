/** What each contender's members say, and where its server is started from. */
export interface Contender {
  readonly name: string;
  /** The server's file beside this one; it prints one line of JSON when it listens. */
  readonly child: string;
  /** What the members need of the server's line before they come, such as tokens. */
  prepare(started: Started, members: number): Promise<readonly Guest[]>;
  /** Stands in what a member is sent when it has been let in. */
  readonly welcome: string;
  /** A change that carries the mark to all. One member makes all of them, so that marks come in their order. */
  update(mark: string): string;
  readonly keepAlive?: { readonly everyMs: number; readonly text: string };
  readonly pinged?: { readonly frame: Buffer; readonly answer: string };
}

export interface Started {
  readonly port: number;
  readonly [more: string]: unknown;
}

export interface Guest {
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Said when the socket is open, and again when welcomed. */
  readonly hello?: string;
  readonly upon?: string;
}
