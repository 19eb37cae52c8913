#include "stun.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>
#include <string.h>

enum { HEADER = 20, COOKIE = 0x2112a442 };
enum { USERNAME = 0x0006, INTEGRITY = 0x0008, MAPPED = 0x0020, PRIORITY = 0x0024, USE_CANDIDATE = 0x0025 };
enum { FINGERPRINT = 0x8028, CONTROLLED = 0x8029, CONTROLLING = 0x802a };
/* RFC 8445 §5.1.2.1: peer reflexive, which is what a check announces. */
static const uint32_t priority = (110u << 24) | (65535u << 8) | 255;

static void put16(uint8_t *at, uint16_t value) {
  at[0] = value >> 8;
  at[1] = value;
}

static void put32(uint8_t *at, uint32_t value) {
  put16(at, value >> 16);
  put16(at + 2, value);
}

static uint32_t get32(const uint8_t *at) { return (uint32_t)at[0] << 24 | at[1] << 16 | at[2] << 8 | at[3]; }

static uint32_t crc32(const uint8_t *bytes, size_t length) {
  uint32_t crc = ~0u;
  for (size_t i = 0; i < length; i++) {
    crc ^= bytes[i];
    for (int bit = 0; bit < 8; bit++) crc = (crc >> 1) ^ (0xedb88320u & -(crc & 1));
  }
  return ~crc;
}

static size_t attribute(uint8_t *out, size_t at, uint16_t type, const void *value, size_t length) {
  put16(out + at, type);
  put16(out + at + 2, length);
  memcpy(out + at + 4, value, length);
  size_t end = at + 4 + length;
  while (end & 3) out[end++] = 0;
  return end;
}

static size_t begin(uint8_t *out, uint16_t type, const uint8_t *transaction) {
  put16(out, type);
  put32(out + 4, COOKIE);
  if (transaction) memcpy(out + 8, transaction, 12);
  else RAND_bytes(out + 8, 12);
  return HEADER;
}

/* MESSAGE-INTEGRITY and FINGERPRINT, each over the message with a length that already counts it. */
static size_t seal(uint8_t *out, size_t at, const char *password) {
  put16(out + 2, at + 24 - HEADER);
  uint8_t digest[20];
  HMAC(EVP_sha1(), password, strlen(password), out, at, digest, NULL);
  at = attribute(out, at, INTEGRITY, digest, sizeof digest);
  put16(out + 2, at + 8 - HEADER);
  uint8_t checksum[4];
  put32(checksum, crc32(out, at) ^ 0x5354554e);
  return attribute(out, at, FINGERPRINT, checksum, sizeof checksum);
}

bool stun_is(const uint8_t *packet, size_t length) { return length >= HEADER && packet[0] < 4 && get32(packet + 4) == COOKIE; }

uint16_t stun_type(const uint8_t *packet) { return packet[0] << 8 | packet[1]; }

size_t stun_request(uint8_t *out, const char *username, const char *password, bool controlling, uint64_t tie_breaker) {
  size_t at = begin(out, STUN_REQUEST, NULL);
  at = attribute(out, at, USERNAME, username, strlen(username));
  uint8_t number[8];
  put32(number, priority);
  at = attribute(out, at, PRIORITY, number, 4);
  put32(number, tie_breaker >> 32);
  put32(number + 4, tie_breaker);
  at = attribute(out, at, controlling ? CONTROLLING : CONTROLLED, number, 8);
  if (controlling) at = attribute(out, at, USE_CANDIDATE, "", 0);
  return seal(out, at, password);
}

size_t stun_response(uint8_t *out, const uint8_t *request, const struct sockaddr_in *from, const char *password) {
  size_t at = begin(out, STUN_SUCCESS, request + 8);
  uint8_t mapped[8] = {0, 1};
  put16(mapped + 2, ntohs(from->sin_port) ^ (COOKIE >> 16));
  put32(mapped + 4, ntohl(from->sin_addr.s_addr) ^ COOKIE);
  at = attribute(out, at, MAPPED, mapped, sizeof mapped);
  return seal(out, at, password);
}
