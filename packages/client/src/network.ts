/** Tells when the network came back or is another one, as far as the browser says. */

/** `NetworkInformation`, which not every browser has. */
interface NetworkInformation extends EventTarget {
  readonly type?: string;
}

/** Returns what ends it. */
export function watchNetwork(changed: () => void): () => void {
  const { connection } = navigator as Navigator & { readonly connection?: NetworkInformation };
  let type = connection?.type;
  // Chromium tells of every new estimate of speed too, which is no other network.
  const onChange = () => {
    if (connection?.type === type) return;
    type = connection?.type;
    if (type !== "none") changed();
  };
  window.addEventListener("online", changed);
  connection?.addEventListener("change", onChange);
  return () => {
    window.removeEventListener("online", changed);
    connection?.removeEventListener("change", onChange);
  };
}
