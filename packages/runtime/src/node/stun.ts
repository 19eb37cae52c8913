/** The little of STUN (RFC 8489) that changing one attribute of a message and signing it anew takes. */
import { createHmac, timingSafeEqual } from "node:crypto";
import { crc32 } from "node:zlib";

export const attributes = {
  username: 0x0006,
  integrity: 0x0008,
  xorMappedAddress: 0x0020,
  controlled: 0x8029,
  controlling: 0x802a,
} as const;

export const messages = { bindingRequest: 0x0001, bindingSuccess: 0x0101 } as const;

const headerBytes = 20;
const cookie = 0x2112a442;
const integrityBytes = 24;
const fingerprintBytes = 8;
const fingerprintType = 0x8028;

/** The type of a STUN message, or undefined for whatever else comes on a media port. */
export function typeOf(packet: Buffer): number | undefined {
  const is = packet.length >= headerBytes && packet.readUInt32BE(4) === cookie;
  return is && packet.readUInt16BE(2) === packet.length - headerBytes ? packet.readUInt16BE(0) : undefined;
}

/** The value of the first attribute of that type, as a view. Those behind the signature are not looked at. */
export function attribute(message: Buffer, type: number): Buffer | undefined {
  let at = headerBytes;
  while (at + 4 <= message.length) {
    const found = message.readUInt16BE(at);
    const end = at + 4 + message.readUInt16BE(at + 2);
    if (end > message.length) return undefined;
    if (found === type) return message.subarray(at + 4, end);
    if (found === attributes.integrity) return undefined;
    at = end + ((at - end) & 3);
  }
  return undefined;
}

/** Whether it was signed with `password` (RFC 8489 §14.5). */
export function isSigned(message: Buffer, password: string): boolean {
  const signature = attribute(message, attributes.integrity);
  if (signature?.length !== 20) return false;
  return timingSafeEqual(signature, signatureOf(upToSignature(message, signature), password));
}

/** The message signed anew, with a fingerprint behind; for one that had a signature. */
export function sign(message: Buffer, password: string): Buffer {
  const before = attribute(message, attributes.integrity);
  if (before === undefined) throw new Error("Only a message that had a signature is signed anew.");
  const content = upToSignature(message, before);
  const signed = Buffer.alloc(content.length + integrityBytes + fingerprintBytes);
  content.copy(signed);
  signed.writeUInt16BE(attributes.integrity, content.length);
  signed.writeUInt16BE(20, content.length + 2);
  signatureOf(content, password).copy(signed, content.length + 4);
  const last = signed.length - fingerprintBytes;
  signed.writeUInt16BE(signed.length - headerBytes, 2);
  signed.writeUInt16BE(fingerprintType, last);
  signed.writeUInt16BE(4, last + 2);
  // RFC 8489 §14.7.
  signed.writeUInt32BE((crc32(signed.subarray(0, last)) ^ 0x5354554e) >>> 0, last + 4);
  return signed;
}

/** Writes an IPv4 address into the value of XOR-MAPPED-ADDRESS (RFC 8489 §14.2); leaves another family as it is. */
export function writeMappedAddress(value: Buffer, address: string, port: number): void {
  if (value.length !== 8 || value[1] !== 1) return;
  value.writeUInt16BE(port ^ (cookie >>> 16), 2);
  const bytes = address.split(".").map(Number);
  value.writeUInt32BE((Buffer.from(bytes).readUInt32BE(0) ^ cookie) >>> 0, 4);
}

/** A copy of what a signature is made of; its length says that the signature is the last attribute. */
function upToSignature(message: Buffer, signature: Buffer): Buffer {
  const end = signature.byteOffset - message.byteOffset - 4;
  const content = Buffer.from(message.subarray(0, end));
  content.writeUInt16BE(end + integrityBytes - headerBytes, 2);
  return content;
}

function signatureOf(content: Buffer, password: string): Buffer {
  return createHmac("sha1", password).update(content).digest();
}
