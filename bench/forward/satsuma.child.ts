/** Our SFU in a process of its own, as a server of the Calls API with everything switched on that it has by default. */
import { createSfu, listen } from "@satsuma/runtime/node";
import { serve } from "./process.ts";

serve({
  async start({ mediaPort, secret, usageFile }: { mediaPort: number; secret: string; usageFile: string }) {
    const sfu = await createSfu({
      apps: [{ id: "bench", secret }],
      media: { port: mediaPort, bindAddress: "127.0.0.1", advertise: undefined },
      usageFile,
      onError: (error) => process.stderr.write(`${error}\n`),
    });
    const { port } = await listen({ fetch: sfu.fetch, host: "127.0.0.1", port: 0 });
    return `http://127.0.0.1:${port}/v1`;
  },
});
