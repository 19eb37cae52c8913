#include "feedback.h"

#include <stdlib.h>
#include <string.h>

enum { MOST_ARRIVALS = 2048, ROOM_FOR_SRTCP = 64, REPORTER = 0x53617473 };

struct arrivals {
  int count;
  uint8_t feedbacks;
  struct {
    uint16_t sequence;
    uint64_t at_ns;
  } each[MOST_ARRIVALS];
};

static uint32_t get16(const uint8_t *at) { return at[0] << 8 | at[1]; }
static uint32_t get32(const uint8_t *at) { return get16(at) << 16 | get16(at + 2); }

static uint8_t *put16(uint8_t *at, uint32_t value) {
  at[0] = value >> 8;
  at[1] = value;
  return at + 2;
}

static uint8_t *put32(uint8_t *at, uint32_t value) { return put16(put16(at, value >> 16), value); }

static int transport_sequence(const uint8_t *packet, int length, int id) {
  if (!(packet[0] & 0x10) || get16(packet + 12) != 0xbede) return -1;
  const uint8_t *at = packet + 16, *end = at + get16(packet + 14) * 4;
  if (end > packet + length) return -1;
  while (at < end) {
    if (*at == 0) at++;
    else if (*at >> 4 == id) return get16(at + 1);
    else at += 2 + (*at & 0x0f);
  }
  return -1;
}

void feedback_heard(struct peer *peer, const uint8_t *packet) {
  uint16_t sequence = get16(packet + 2);
  if (!peer->heard) {
    peer->heard = true;
    peer->ssrc = get32(packet + 8);
    peer->highest = sequence;
  }
  int16_t ahead = sequence - (uint16_t)peer->highest;
  if (ahead > 0) peer->highest += ahead;
}

void feedback_arrived(struct peer *peer, const uint8_t *packet, int length, uint64_t at_ns) {
  if (peer->transport_extension == 0) return;
  int number = transport_sequence(packet, length, peer->transport_extension);
  if (number < 0) return;
  if (peer->arrivals == NULL) peer->arrivals = calloc(1, sizeof *peer->arrivals);
  struct arrivals *arrivals = peer->arrivals;
  if (arrivals->count == MOST_ARRIVALS) return;
  arrivals->each[arrivals->count].sequence = number;
  arrivals->each[arrivals->count++].at_ns = at_ns;
}

bool feedback_control(struct peer *peer, const uint8_t *packet, int length, double now_ms) {
  bool keyframe = false;
  for (int at = 0; at + 8 <= length; at += (get16(packet + at + 2) + 1) * 4) {
    int format = packet[at] & 0x1f, type = packet[at + 1];
    if (type == 200 && at + 16 <= length) {
      peer->last_sender_report = get32(packet + at + 10);
      peer->last_sender_report_at = now_ms;
    }
    if (type == 206 && (format == 1 || format == 4)) keyframe = true;
  }
  return keyframe;
}

/* RFC 3550 §6.4.2, with nothing lost: what was is for the cell to count. */
void feedback_report(struct peer *peer, double now_ms) {
  if (!peer->connected || !peer->heard) return;
  uint8_t packet[32 + ROOM_FOR_SRTCP];
  uint8_t *at = put32(packet, 0x81c90007);
  at = put32(at, REPORTER);
  at = put32(at, peer->ssrc);
  at = put32(at, 0);
  at = put32(at, peer->highest);
  at = put32(at, 0);
  at = put32(at, peer->last_sender_report);
  uint32_t since = (now_ms - peer->last_sender_report_at) * 65.536;
  at = put32(at, peer->last_sender_report ? since : 0);
  peer_send_rtcp(peer, packet, at - packet);
}

/* draft-holmer-rmcat-transport-wide-cc-extensions-01 §3.1, in status vectors of two bits a packet. */
void feedback_transport(struct peer *peer) {
  struct arrivals *arrivals = peer->arrivals;
  if (!peer->connected || arrivals == NULL || arrivals->count == 0) return;
  static uint8_t packet[20 + MOST_ARRIVALS * 4 + ROOM_FOR_SRTCP], deltas[MOST_ARRIVALS * 2];
  uint16_t base = arrivals->each[0].sequence;
  uint64_t reference = arrivals->each[0].at_ns / 64000000;
  int64_t before = reference * 256;
  uint8_t symbols[MOST_ARRIVALS * 2 + 7] = {0};
  int packets = 0, delta_bytes = 0;
  for (int i = 0; i < arrivals->count; i++) {
    int offset = (uint16_t)(arrivals->each[i].sequence - base);
    /* Late ones are left out: over loopback there are none that are not. */
    if (offset < packets || offset >= MOST_ARRIVALS) continue;
    int64_t now = arrivals->each[i].at_ns / 250000, delta = now - before;
    if (delta < -32768 || delta > 32767) continue;
    before = now;
    packets = offset + 1;
    bool small = delta >= 0 && delta <= 255;
    symbols[offset] = small ? 1 : 2;
    if (!small) deltas[delta_bytes++] = delta >> 8;
    deltas[delta_bytes++] = delta;
  }
  uint8_t *at = packet + 4;
  at = put32(at, REPORTER);
  at = put32(at, peer->ssrc);
  at = put16(at, base);
  at = put16(at, packets);
  at = put32(at, (uint32_t)(reference << 8) | arrivals->feedbacks++);
  for (int i = 0; i < packets; i += 7) {
    uint32_t chunk = 0xc000;
    for (int j = 0; j < 7; j++) chunk |= symbols[i + j] << (12 - 2 * j);
    at = put16(at, chunk);
  }
  memcpy(at, deltas, delta_bytes);
  at += delta_bytes;
  while ((at - packet) & 3) *at++ = 0;
  put32(packet, 0x8fcd0000u | ((at - packet) / 4 - 1));
  peer_send_rtcp(peer, packet, at - packet);
  arrivals->count = 0;
}
