/**
 * The body of a request, bounded.
 *
 * What is too large is still read for a while and dropped. An answer sent while the caller is writing would often be
 * lost: the kernel resets a connection that is closed with bytes unread.
 */

/** How much of a body that is too large is read and dropped, in multiples of what is allowed. */
const patience = 16;

/** Gives undefined when the body has more than `most` bytes. */
export async function readBody(request: Request, most: number): Promise<string | undefined> {
  if (!request.body) return "";
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of request.body) {
    bytes += chunk.byteLength;
    if (bytes <= most) chunks.push(chunk);
    else if (bytes > most * patience) break;
  }
  return bytes > most ? undefined : Buffer.concat(chunks).toString();
}
