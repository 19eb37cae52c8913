#include "peer.h"

#include <arpa/inet.h>
#include <openssl/err.h>
#include <openssl/rand.h>
#include <openssl/x509.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "stun.h"

enum { RECEIVE_BUFFER = 4 << 20, LINK_MTU = 1200, REPLAY_WINDOW = 1024 };
/* ms between two checks before the connection is there, and after (RFC 7675 §5.1). */
static const double check_interval = 20, consent_interval = 2500;

static SSL_CTX *context;
static char fingerprint[96 + 1];

static void die(const char *what) {
  fprintf(stderr, "%s\n", what);
  ERR_print_errors_fp(stderr);
  exit(1);
}

/* Whoever the media server is, nobody else is on this loopback port; its fingerprint is not looked at. */
static int accept_any(int ok, X509_STORE_CTX *store) {
  (void)ok;
  (void)store;
  return 1;
}

void peers_begin(const char *profiles) {
  if (srtp_init() != srtp_err_status_ok) die("libsrtp does not start");
  context = SSL_CTX_new(DTLS_method());
  EVP_PKEY *key = EVP_EC_gen("P-256");
  X509 *certificate = X509_new();
  ASN1_INTEGER_set(X509_get_serialNumber(certificate), 1);
  X509_gmtime_adj(X509_getm_notBefore(certificate), -86400);
  X509_gmtime_adj(X509_getm_notAfter(certificate), 86400);
  X509_set_pubkey(certificate, key);
  X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate), "CN", MBSTRING_ASC, (const uint8_t *)"bench", -1, -1, 0);
  X509_set_issuer_name(certificate, X509_get_subject_name(certificate));
  if (!X509_sign(certificate, key, EVP_sha256())) die("no certificate");
  if (SSL_CTX_use_certificate(context, certificate) != 1 || SSL_CTX_use_PrivateKey(context, key) != 1) die("no key");
  if (SSL_CTX_set_tlsext_use_srtp(context, profiles) != 0) die("OpenSSL does not know these SRTP profiles");
  SSL_CTX_set_verify(context, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, accept_any);
  uint8_t digest[32];
  X509_digest(certificate, EVP_sha256(), digest, NULL);
  for (int i = 0; i < 32; i++) sprintf(fingerprint + i * 3, "%02X%s", digest[i], i == 31 ? "" : ":");
}

const char *peers_fingerprint(void) { return fingerprint; }

static void random_text(char *out, size_t length) {
  static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789ab";
  RAND_bytes((uint8_t *)out, length);
  for (size_t i = 0; i < length; i++) out[i] = letters[out[i] & 63];
  out[length] = 0;
}

struct peer *peer_new(int number, const char *address, bool controlling, bool watched) {
  struct peer *peer = calloc(1, sizeof *peer);
  peer->number = number;
  peer->controlling = controlling;
  peer->watched = watched;
  random_text(peer->ufrag, 8);
  random_text(peer->password, 32);
  RAND_bytes((uint8_t *)&peer->tie_breaker, 8);
  peer->socket = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0);
  struct sockaddr_in local = {.sin_family = AF_INET};
  inet_pton(AF_INET, address, &local.sin_addr);
  int size = RECEIVE_BUFFER, yes = 1;
  setsockopt(peer->socket, SOL_SOCKET, SO_RCVBUF, &size, sizeof size);
  setsockopt(peer->socket, SOL_SOCKET, SO_TIMESTAMPNS, &yes, sizeof yes);
  if (bind(peer->socket, (struct sockaddr *)&local, sizeof local) != 0) die("no socket");
  return peer;
}

int peer_port(const struct peer *peer) {
  struct sockaddr_in address;
  socklen_t length = sizeof address;
  getsockname(peer->socket, (struct sockaddr *)&address, &length);
  return ntohs(address.sin_port);
}

void peer_connect(struct peer *peer, const char *ufrag, const char *password, const char *address, int port,
                  bool client) {
  snprintf(peer->username, sizeof peer->username, "%s:%s", ufrag, peer->ufrag);
  snprintf(peer->remote_password, sizeof peer->remote_password, "%s", password);
  peer->remote = (struct sockaddr_in){.sin_family = AF_INET, .sin_port = htons(port)};
  inet_pton(AF_INET, address, &peer->remote.sin_addr);
  peer->ssl = SSL_new(context);
  peer->in = BIO_new(BIO_s_mem());
  peer->out = BIO_new(BIO_s_mem());
  BIO_set_mem_eof_return(peer->in, -1);
  SSL_set_bio(peer->ssl, peer->in, peer->out);
  SSL_set_options(peer->ssl, SSL_OP_NO_QUERY_MTU);
  DTLS_set_link_mtu(peer->ssl, LINK_MTU);
  if (client) SSL_set_connect_state(peer->ssl);
  else SSL_set_accept_state(peer->ssl);
}

void peer_send(struct peer *peer, const uint8_t *packet, size_t length) {
  sendto(peer->socket, packet, length, 0, (struct sockaddr *)&peer->remote, sizeof peer->remote);
}

static srtp_t srtp_session(const uint8_t *key, unsigned long profile, srtp_ssrc_type_t direction) {
  srtp_policy_t policy = {.ssrc.type = direction, .key = (uint8_t *)key, .window_size = REPLAY_WINDOW};
  if (srtp_crypto_policy_set_from_profile_for_rtp(&policy.rtp, (srtp_profile_t)profile) != srtp_err_status_ok ||
      srtp_crypto_policy_set_from_profile_for_rtcp(&policy.rtcp, (srtp_profile_t)profile) != srtp_err_status_ok)
    die("libsrtp does not know the SRTP profile");
  srtp_t session;
  if (srtp_create(&session, &policy) != srtp_err_status_ok) die("no SRTP session");
  return session;
}

/* RFC 5764 §4.2: client key, server key, client salt, server salt. */
static void take_keys(struct peer *peer) {
  const SRTP_PROTECTION_PROFILE *profile = SSL_get_selected_srtp_profile(peer->ssl);
  if (profile == NULL) die("no SRTP profile was agreed");
  size_t key = srtp_profile_get_master_key_length((srtp_profile_t)profile->id);
  size_t salt = srtp_profile_get_master_salt_length((srtp_profile_t)profile->id);
  uint8_t material[2 * (32 + 14)], client[32 + 14], server[32 + 14];
  SSL_export_keying_material(peer->ssl, material, 2 * (key + salt), "EXTRACTOR-dtls_srtp", 19, NULL, 0, 0);
  memcpy(client, material, key);
  memcpy(client + key, material + 2 * key, salt);
  memcpy(server, material + key, key);
  memcpy(server + key, material + 2 * key + salt, salt);
  bool is_server = SSL_is_server(peer->ssl);
  peer->inbound = srtp_session(is_server ? client : server, profile->id, ssrc_any_inbound);
  peer->outbound = srtp_session(is_server ? server : client, profile->id, ssrc_any_outbound);
}

static bool advance(struct peer *peer) {
  SSL_do_handshake(peer->ssl);
  uint8_t records[8192];
  int length;
  while ((length = BIO_read(peer->out, records, sizeof records)) > 0) peer_send(peer, records, length);
  if (peer->connected || !SSL_is_init_finished(peer->ssl)) return false;
  take_keys(peer);
  peer->connected = true;
  return true;
}

void peer_elapse(struct peer *peer, double now_ms) {
  if (peer->ssl == NULL || now_ms - peer->checked_at < (peer->connected ? consent_interval : check_interval)) return;
  bool first = peer->checked_at == 0;
  peer->checked_at = now_ms;
  uint8_t check[STUN_LIMIT];
  size_t length = stun_request(check, peer->username, peer->remote_password, peer->controlling, peer->tie_breaker);
  peer_send(peer, check, length);
  if (peer->connected || first) return;
  DTLSv1_handle_timeout(peer->ssl);
  advance(peer);
}

bool peer_handshake(struct peer *peer, uint8_t *packet, size_t length, const struct sockaddr_in *from) {
  if (stun_is(packet, length)) {
    if (stun_type(packet) == STUN_REQUEST) {
      uint8_t answer[STUN_LIMIT];
      size_t size = stun_response(answer, packet, from, peer->password);
      sendto(peer->socket, answer, size, 0, (const struct sockaddr *)from, sizeof *from);
    }
    /* The way is open once a check of ours was answered: only then does a client begin. */
    if (stun_type(packet) == STUN_SUCCESS && peer->ssl != NULL && !peer->connected && !SSL_is_server(peer->ssl))
      return advance(peer);
    return false;
  }
  if (peer->ssl == NULL || packet[0] < 20 || packet[0] > 63) return false;
  BIO_write(peer->in, packet, length);
  return advance(peer);
}

const char *peer_profile(const struct peer *peer) { return SSL_get_selected_srtp_profile(peer->ssl)->name; }

void peer_send_rtp(struct peer *peer, uint8_t *packet, int length) {
  if (srtp_protect(peer->outbound, packet, &length) == srtp_err_status_ok) peer_send(peer, packet, length);
}

void peer_send_rtcp(struct peer *peer, uint8_t *packet, int length) {
  if (srtp_protect_rtcp(peer->outbound, packet, &length) == srtp_err_status_ok) peer_send(peer, packet, length);
}
