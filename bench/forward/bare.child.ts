/** The bare transport loop: what comes from the publisher goes to every receiver, as it is. The ceiling of what JavaScript can do. */
import { Peer } from "./peer.ts";
import { serve } from "./process.ts";
import { parametersOf, publisherOffer, receiverAnswer } from "./sdp.ts";

const receivers: Peer[] = [];
const pulls = new Map<number, Peer>();
let publisher: Peer | undefined;

serve({
  async publish(offer: string): Promise<string> {
    publisher = new Peer((packet) => {
      for (const receiver of receivers) receiver.send(packet);
    });
    return receiverAnswer(offer, await publisher.answer(parametersOf(offer)));
  },
  async pull(): Promise<{ id: number; offer: string }> {
    const receiver = new Peer(() => {});
    const id = pulls.size;
    pulls.set(id, receiver);
    return { id, offer: publisherOffer(await receiver.offer()) };
  },
  async answered({ id, answer }: { id: number; answer: string }): Promise<void> {
    const receiver = pulls.get(id);
    receiver?.accept(parametersOf(answer));
    if (receiver !== undefined) void receiver.connected().then(() => receivers.push(receiver));
  },
});
