/* One WebRTC peer on a socket of its own: ICE towards one address, DTLS, and SRTP of what is asked to be encrypted. */
#pragma once
#include <netinet/in.h>
#include <openssl/ssl.h>
#include <srtp2/srtp.h>
#include <stdbool.h>
#include <stdint.h>

struct peer {
  int number, socket;
  bool controlling, watched, connected;
  char ufrag[9], password[33], remote_password[64], username[96];
  struct sockaddr_in remote;
  uint64_t tie_breaker;
  SSL *ssl;
  BIO *in, *out;
  srtp_t inbound, outbound;
  double checked_at;

  /* Of a receiver: payload type of the media, and the extension of transport-wide numbers or 0. */
  int payload_type, transport_extension;
  uint32_t ssrc;
  /* Media packets of the current cell, by their cleartext headers. */
  uint64_t received;
  /* And of the window in which the warming up looks whether everything comes. */
  uint64_t warmed;
  uint32_t highest;
  uint16_t first;
  bool heard;
  uint32_t last_sender_report;
  double last_sender_report_at;
  struct arrivals *arrivals;
};

/* `profiles` in OpenSSL's words, in the order of preference. */
void peers_begin(const char *profiles);
/* SHA-256 of the certificate that all peers show. */
const char *peers_fingerprint(void);

struct peer *peer_new(int number, const char *address, bool controlling, bool watched);
int peer_port(const struct peer *peer);
/* `client`: takes the side that begins DTLS. */
void peer_connect(struct peer *peer, const char *ufrag, const char *password, const char *address, int port,
                  bool client);
/* Checks and timers. */
void peer_elapse(struct peer *peer, double now_ms);
/* STUN and DTLS; anything else is the caller's. True when the peer has just become connected. */
bool peer_handshake(struct peer *peer, uint8_t *packet, size_t length, const struct sockaddr_in *from);
const char *peer_profile(const struct peer *peer);
void peer_send(struct peer *peer, const uint8_t *packet, size_t length);
/* Adds authentication behind `packet`, which needs room for it, and sends. */
void peer_send_rtp(struct peer *peer, uint8_t *packet, int length);
void peer_send_rtcp(struct peer *peer, uint8_t *packet, int length);
