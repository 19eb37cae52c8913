/* The little of STUN (RFC 8489) and ICE (RFC 8445) that connecting to one known address takes. */
#pragma once
#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { STUN_REQUEST = 0x0001, STUN_SUCCESS = 0x0101, STUN_LIMIT = 512 };

bool stun_is(const uint8_t *packet, size_t length);
uint16_t stun_type(const uint8_t *packet);

/* A check of the connection. `username` is "theirs:ours", `password` theirs. Gives its length. */
size_t stun_request(uint8_t *out, const char *username, const char *password, bool controlling, uint64_t tie_breaker);

/* The answer to `request`, signed with our own password. */
size_t stun_response(uint8_t *out, const uint8_t *request, const struct sockaddr_in *from, const char *password);
