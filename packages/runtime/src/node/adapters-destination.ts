/**
 * Where adapters may dial to. Whoever may make adapters makes this server open connections, so by default only addresses
 * of the public internet are dialled: not this machine, not its neighbours, not a cloud's metadata service.
 */
import { type LookupAddress, lookup } from "node:dns";
import { BlockList, isIP, type LookupFunction } from "node:net";
import { RefusedError } from "@satsuma/protocol";

export interface DestinationPolicy {
  /** This machine. Default false. */
  readonly loopback?: boolean;
  /** Private, link-local and other networks that are not the public internet. Default false. */
  readonly privateNetworks?: boolean;
}

type Place = "public" | "private" | "loopback";

/** IANA special-purpose registries (RFC 6890) and what else no server on the internet has. */
const special = new BlockList();
for (const [network, prefix] of [
  ["10.0.0.0", 8],
  ["100.64.0.0", 10],
  ["169.254.0.0", 16],
  ["172.16.0.0", 12],
  ["192.0.0.0", 24],
  ["192.0.2.0", 24],
  ["192.88.99.0", 24],
  ["192.168.0.0", 16],
  ["198.18.0.0", 15],
  ["198.51.100.0", 24],
  ["203.0.113.0", 24],
  ["224.0.0.0", 3],
] as const) {
  special.addSubnet(network, prefix, "ipv4");
}
for (const [network, prefix] of [
  ["2001::", 23],
  ["2001:db8::", 32],
  ["2002::", 16],
  ["3fff::", 20],
] as const) {
  special.addSubnet(network, prefix, "ipv6");
}
const global6 = new BlockList();
global6.addSubnet("2000::", 3, "ipv6");
const mapped4 = new BlockList();
mapped4.addSubnet("::ffff:0:0", 96, "ipv6");
const loopback = new BlockList();
loopback.addSubnet("127.0.0.0", 8, "ipv4");
// "This host": a connection to it arrives on this machine.
loopback.addSubnet("0.0.0.0", 8, "ipv4");
loopback.addAddress("::1", "ipv6");
loopback.addAddress("::", "ipv6");

/** Numeric addresses only. An IPv4 address inside an IPv6 one counts as itself. */
function placeOf(address: string): Place {
  const family = isIP(address) === 6 ? "ipv6" : "ipv4";
  if (loopback.check(address, family)) return "loopback";
  if (special.check(address, family)) return "private";
  const known = family === "ipv4" || global6.check(address, family) || mapped4.check(address, family);
  return known ? "public" : "private";
}

/** The refusal for an address, or undefined when it may be dialled. */
export function refusedDestination(address: string, policy: DestinationPolicy): RefusedError | undefined {
  switch (placeOf(address)) {
    case "public":
      return undefined;
    case "loopback":
      if (policy.loopback) return undefined;
      return new RefusedError("websocket_localhost_not_allowed", "The endpoint is on this machine.");
    case "private":
      if (policy.privateNetworks) return undefined;
      return new RefusedError("websocket_address_not_allowed", "The endpoint is not on the public internet.");
  }
}

/** A lookup that gives no address that may not be dialled, so that what is connected to is what was checked. */
export function guardedLookup(policy: DestinationPolicy): LookupFunction {
  return (name, options, done) => {
    lookup(name, { ...options, all: true }, (error, addresses: LookupAddress[] = []) => {
      const refused = addresses.map(({ address }) => refusedDestination(address, policy));
      const allowed = addresses.filter((_, index) => refused[index] === undefined);
      const [first] = allowed;
      if (error !== null || first === undefined) {
        done(error ?? refused[0] ?? new Error("The name has no address."), "", 0);
      } else if (options.all) done(null, allowed);
      else done(null, first.address, first.family);
    });
  };
}
