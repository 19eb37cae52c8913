#include "stream.h"

#include <stddef.h>
#include <string.h>

enum { PACKETS_PER_FRAME = 10, TICKS_PER_FRAME = 3000, MARK = 0x53617473 };

static void put(uint8_t *at, uint64_t value, int bytes) {
  for (int i = bytes - 1; i >= 0; i--, value >>= 8) at[i] = value;
}

static uint64_t get(const uint8_t *at, int bytes) {
  uint64_t value = 0;
  for (int i = 0; i < bytes; i++) value = value << 8 | at[i];
  return value;
}

/* An element of the one-byte form (RFC 8285 §4.2). */
static uint8_t *element(uint8_t *at, int id, uint64_t value, int bytes) {
  if (id == 0) return at;
  *at = id << 4 | (bytes - 1);
  put(at + 1, value, bytes);
  return at + 1 + bytes;
}

void stream_next(struct stream *stream, uint8_t *packet, uint64_t now_ns) {
  if (stream->in_frame == PACKETS_PER_FRAME) {
    stream->in_frame = 0;
    stream->frame++;
    stream->key = stream->key_wanted;
    stream->key_wanted = false;
  }
  bool first = stream->in_frame++ == 0, key = first && (stream->key || stream->frame == 0);
  bool last = stream->in_frame == PACKETS_PER_FRAME;
  memset(packet, 0x5a, PACKET_BYTES);
  packet[0] = 0x80;
  packet[1] = (last ? 0x80 : 0) | stream->payload_type;
  put(packet + 2, stream->number, 2);
  put(packet + 4, (uint64_t)stream->frame * TICKS_PER_FRAME, 4);
  put(packet + 8, stream->ssrc, 4);

  uint8_t *at = packet + 16;
  /* Seconds in 6.18 fixed point. */
  at = element(at, stream->send_time, (now_ns % 64000000000u) * (1 << 18) / 1000000000u, 3);
  at = element(at, stream->transport_sequence, stream->number, 2);
  at = element(at, stream->mid, '0', 1);
  if (at == packet + 16) {
    at = packet + 12;
  } else {
    while ((at - packet) & 3) *at++ = 0;
    packet[0] |= 0x10;
    put(packet + 12, 0xbede, 2);
    put(packet + 14, (at - packet - 16) / 4, 2);
  }

  /* The descriptor with a picture id of 15 bits, then the frame's own header (RFC 6386 §9.1). */
  *at++ = first ? 0x90 : 0x80;
  *at++ = 0x80;
  put(at, 0x8000 | (stream->frame & 0x7fff), 2);
  at += 2;
  *at = key ? 0x10 : 0x11;
  if (key) memcpy(at + 1, "\0\0\x9d\x01\x2a\x80\x02\x68\x01", 9);

  uint8_t *trailer = packet + PACKET_BYTES - TRAILER_BYTES;
  put(trailer, stream->number, 4);
  put(trailer + 4, now_ns, 8);
  put(trailer + 12, MARK, 4);
  stream->number++;
}

bool stream_trailer(const uint8_t *packet, int length, uint32_t *number, uint64_t *sent_ns) {
  if (length < 64 || get(packet + length - 4, 4) != MARK) return false;
  const uint8_t *trailer = packet + length - TRAILER_BYTES;
  *number = get(trailer, 4);
  *sent_ns = get(trailer + 4, 8);
  return true;
}
