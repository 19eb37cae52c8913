/**
 * The certificate with which this process shows itself to its peers in DTLS.
 *
 * One for all connections, so that its fingerprint can be told to a peer before there is a connection (RFC 8122). It
 * lives as long as the process and is never stored.
 */
// @peculiar/x509 needs it to be there before itself.
import "reflect-metadata";
import { PemConverter, X509CertificateGenerator } from "@peculiar/x509";

export interface Certificate {
  readonly certificatePem: string;
  /** PKCS #8. */
  readonly keyPem: string;
  readonly fingerprint: { readonly algorithm: "sha-256"; readonly value: string };
}

const algorithm = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };
/** Years that it is valid, far past any process; a peer checks the fingerprint and nothing else (RFC 8827 §6.5). */
const years = 10;

/** ECDSA on P-256, which every WebRTC endpoint must speak (RFC 8827 §6.5). */
export async function newCertificate(now: Date): Promise<Certificate> {
  const keys = await crypto.subtle.generateKey(algorithm, true, ["sign", "verify"]);
  const notAfter = new Date(now);
  notAfter.setFullYear(now.getFullYear() + years);
  const certificate = await X509CertificateGenerator.createSelfSigned(
    // A peer whose clock is behind ours must not find it not valid yet.
    {
      name: "CN=satsuma",
      keys,
      signingAlgorithm: algorithm,
      notBefore: new Date(now.getTime() - 86_400_000),
      notAfter,
    },
    crypto,
  );
  const digest = Buffer.from(await certificate.getThumbprint("SHA-256", crypto));
  const value = (digest.toString("hex").toUpperCase().match(/../g) ?? []).join(":");
  return {
    certificatePem: certificate.toString("pem"),
    keyPem: PemConverter.encode(await crypto.subtle.exportKey("pkcs8", keys.privateKey), "PRIVATE KEY"),
    fingerprint: { algorithm: "sha-256", value },
  };
}
