/*
 * A VP8-shaped stream (RFC 7741): packets of one size, ten to a frame, a keyframe whenever one was asked for.
 *
 * The payload is no picture, and no media server looks further than the descriptor and a frame's first bytes. At the end
 * of every packet stand its number, when it was sent and a mark, which pass through every media server untouched.
 */
#pragma once
#include <stdbool.h>
#include <stdint.h>

enum { PACKET_BYTES = 1200, TRAILER_BYTES = 16 };

struct stream {
  uint32_t ssrc;
  int payload_type;
  /* Ids of the header extensions that were agreed to, 0 for none. */
  int send_time, transport_sequence, mid;

  uint64_t number;
  uint32_t frame;
  int in_frame;
  bool key, key_wanted;
};

/* Writes the next packet of PACKET_BYTES; `now_ns` is the wall clock's. */
void stream_next(struct stream *stream, uint8_t *packet, uint64_t now_ns);

/* What stream_next wrote at the end of this packet, or false where it is none of its packets. */
bool stream_trailer(const uint8_t *packet, int length, uint32_t *number, uint64_t *sent_ns);
