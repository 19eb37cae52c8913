/**
 * coturn's command line interface, a telnet server: the only way to end a relay that runs (4.6.1). `ps` lists sessions
 * with their users, `cs` cancels one.
 */
import { once } from "node:events";
import { connect, type Socket } from "node:net";

export interface TurnCli {
  readonly host: string;
  readonly port: number;
  readonly password: string;
}

/** ms for each answer of coturn's. */
const patience = 5_000;
const prompt = "> ";

/** Ends every relay of these users. Rejects when coturn cannot be reached or does not answer in time. */
export async function endRelays(cli: TurnCli, users: ReadonlySet<string>): Promise<void> {
  const socket = connect({ host: cli.host, port: cli.port });
  socket.setEncoding("utf8");
  try {
    await answerOf(socket, "password:");
    socket.write(`${cli.password}\r\n`);
    await answerOf(socket, prompt);
    socket.write("ps\r\n");
    const sessions = await answerOf(socket, prompt);
    for (const [, id, user = ""] of sessions.matchAll(/id=(\d+), user <([^>]*)>/g)) {
      if (!users.has(user)) continue;
      socket.write(`cs ${id}\r\n`);
      await answerOf(socket, prompt);
    }
  } finally {
    socket.destroy();
  }
}

async function answerOf(socket: Socket, end: string): Promise<string> {
  const signal = AbortSignal.timeout(patience);
  let text = "";
  while (!text.trimEnd().endsWith(end.trimEnd())) {
    const [chunk] = await once(socket, "data", { signal });
    text += chunk;
  }
  return text;
}
