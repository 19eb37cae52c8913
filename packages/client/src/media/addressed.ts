/** Milliseconds. Addresses of this machine take a few; those of servers are not waited for. */
const patience = 50;

/**
 * Resolves when the connection's own addresses are known, or after a bound. A media server that knows none of them waits for
 * our checks, and paces its own, which costs a tenth of a second.
 */
export function addressed(connection: RTCPeerConnection): Promise<void> {
  return new Promise((resolve) => {
    const end = () => {
      clearTimeout(timer);
      connection.removeEventListener("icegatheringstatechange", look);
      resolve();
    };
    const look = () => connection.iceGatheringState === "complete" && end();
    const timer = setTimeout(end, patience);
    connection.addEventListener("icegatheringstatechange", look);
    look();
  });
}
