/* What a receiver says of what it gets: receiver reports, and transport-wide feedback where that was agreed. */
#pragma once
#include "peer.h"

/* A media packet, whose header is in the clear. */
void feedback_heard(struct peer *peer, const uint8_t *packet);
/* Any RTP packet. `at_ns` is the wall clock's. */
void feedback_arrived(struct peer *peer, const uint8_t *packet, int length, uint64_t at_ns);
/* A decrypted compound of the media server. True when it asks for a keyframe. */
bool feedback_control(struct peer *peer, const uint8_t *packet, int length, double now_ms);
/* Once a second. */
void feedback_report(struct peer *peer, double now_ms);
/* Every 100 ms. */
void feedback_transport(struct peer *peer);
