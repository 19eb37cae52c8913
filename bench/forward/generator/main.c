/*
 * The load generator of bench:forward: one publisher and all receivers, in one thread.
 *
 * Every receiver is a whole WebRTC peer (ICE, DTLS, reports), but only the watched ones decrypt their media; the others
 * count packets by their headers, which SRTP leaves in the clear. Arrival times are the kernel's, so that a reader who
 * is busy does not seem to be a slow media server. Commands come as lines on standard input, answers go out as lines.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "feedback.h"
#include "peer.h"
#include "stream.h"

enum { MOST_PEERS = 1024, BATCH = 32, DATAGRAM = 2048, TICK_NS = 500000, IDLE_TICK_NS = 5000000, MOST_PACKETS = 1 << 20, WARM_WINDOW_MS = 400, KEEP_ALIVE_MS = 5000, MOST_SETTLING_MS = 15000 };

static struct peer *peers[MOST_PEERS];
static struct peer *publisher;
static struct stream stream;
static int poll_set;

/* The cell that runs. */
static struct {
  enum { IDLE, WARMING, SETTLING, MEASURING, GRACE } phase;
  double rate, phase_began, window_began, most_warm, length, grace;
  uint64_t sent_before_window;
  double heard_at;
  uint64_t sent_in_phase, first_number, count;
  double cpu_before, measured_ms, busy;
  uint32_t *latencies;
  uint64_t latency_count, bad, watched_received;
  /* One bit for each packet and watched receiver, so that none counts twice. */
  uint8_t *seen;
} cell;

static double now_ms(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec * 1e3 + now.tv_nsec / 1e6;
}

static uint64_t wall_ns(void) {
  struct timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  return now.tv_sec * 1000000000ull + now.tv_nsec;
}

static double cpu_ms(void) {
  struct timespec used;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
  return used.tv_sec * 1e3 + used.tv_nsec / 1e6;
}

static void watch_media(struct peer *peer, uint8_t *packet, int length, uint64_t at_ns) {
  if (srtp_unprotect(peer->inbound, packet, &length) != srtp_err_status_ok) {
    cell.bad++;
    return;
  }
  uint32_t number;
  uint64_t sent_ns;
  if (cell.phase < MEASURING || !stream_trailer(packet, length, &number, &sent_ns)) return;
  uint64_t index = number - (uint32_t)cell.first_number;
  if (index >= cell.count) return;
  uint64_t bit = index * MOST_PEERS + peer->number;
  if (cell.seen[bit / 8] & 1 << bit % 8) return;
  cell.seen[bit / 8] |= 1 << bit % 8;
  cell.watched_received++;
  if (cell.latency_count < MOST_PACKETS) cell.latencies[cell.latency_count++] = (at_ns - sent_ns) / 1000;
}

static void take(struct peer *peer, uint8_t *packet, int length, const struct sockaddr_in *from, uint64_t at_ns) {
  if (length < 12 || packet[0] >> 6 != 2) {
    if (peer_handshake(peer, packet, length, from)) printf("connected %d %s\n", peer->number, peer_profile(peer));
    return;
  }
  if (!peer->connected) return;
  if (packet[1] >= 192 && packet[1] <= 223) {
    if (srtp_unprotect_rtcp(peer->inbound, packet, &length) != srtp_err_status_ok) return;
    if (feedback_control(peer, packet, length, now_ms()) && peer == publisher) stream.key_wanted = true;
    return;
  }
  /* Of retransmissions and padding too, which have transport-wide numbers of the same count. */
  feedback_arrived(peer, packet, length, at_ns);
  if ((packet[1] & 0x7f) != peer->payload_type) return;
  feedback_heard(peer, packet);
  if (cell.phase >= MEASURING) peer->received++;
  else peer->warmed++;
  cell.heard_at = now_ms();
  if (peer->watched) watch_media(peer, packet, length, at_ns);
}

static void drain(struct peer *peer) {
  static uint8_t bytes[BATCH][DATAGRAM];
  static uint8_t control[BATCH][64];
  static struct sockaddr_in from[BATCH];
  static struct iovec parts[BATCH];
  static struct mmsghdr messages[BATCH];
  for (;;) {
    for (int i = 0; i < BATCH; i++) {
      parts[i] = (struct iovec){bytes[i], DATAGRAM};
      messages[i].msg_hdr = (struct msghdr){.msg_name = &from[i], .msg_namelen = sizeof from[i], .msg_iov = &parts[i], .msg_iovlen = 1};
      messages[i].msg_hdr.msg_control = control[i];
      messages[i].msg_hdr.msg_controllen = sizeof control[i];
    }
    int count = recvmmsg(peer->socket, messages, BATCH, MSG_DONTWAIT, NULL);
    for (int i = 0; i < count; i++) {
      uint64_t at_ns = 0;
      struct cmsghdr *header = CMSG_FIRSTHDR(&messages[i].msg_hdr);
      if (header && header->cmsg_type == SO_TIMESTAMPNS) {
        struct timespec stamp;
        memcpy(&stamp, CMSG_DATA(header), sizeof stamp);
        at_ns = stamp.tv_sec * 1000000000ull + stamp.tv_nsec;
      }
      take(peer, bytes[i], messages[i].msg_len, &from[i], at_ns);
    }
    if (count < BATCH) return;
  }
}

static int ascending(const void *a, const void *b) {
  uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
  return (x > y) - (x < y);
}

static double percentile(double share) {
  if (cell.latency_count == 0) return -1;
  uint64_t rank = share * (cell.latency_count - 1);
  return cell.latencies[rank] / 1e3;
}

static void report(void) {
  uint64_t receivers = 0, watched = 0, received = 0;
  for (int i = 0; i < MOST_PEERS; i++) {
    struct peer *peer = peers[i];
    if (peer == NULL || peer == publisher) continue;
    receivers++;
    watched += peer->watched;
    received += peer->received;
  }
  qsort(cell.latencies, cell.latency_count, sizeof *cell.latencies, ascending);
  printf("result {\"sent\":%llu,\"receivers\":%llu,\"received\":%llu,\"watched\":%llu,\"watchedReceived\":%llu,"
         "\"bad\":%llu,\"elapsedMs\":%.1f,\"generatorBusy\":%.4f,\"p50Ms\":%.3f,\"p99Ms\":%.3f,\"mostMs\":%.3f}\n",
         (unsigned long long)cell.count, (unsigned long long)receivers, (unsigned long long)received,
         (unsigned long long)watched, (unsigned long long)cell.watched_received,
         (unsigned long long)cell.bad, cell.measured_ms, cell.busy, percentile(0.5), percentile(0.99), percentile(1));
  free(cell.latencies);
  free(cell.seen);
  memset(&cell, 0, sizeof cell);
}

static void enter(int phase, double now) {
  cell.phase = phase;
  cell.phase_began = now;
  cell.sent_in_phase = cell.sent_before_window = 0;
  cell.window_began = now;
  if (phase == MEASURING) {
    cell.first_number = stream.number;
    cell.bad = 0;
    cell.cpu_before = cpu_ms();
    for (int i = 0; i < MOST_PEERS; i++) if (peers[i]) peers[i]->received = 0;
    puts("begin");
  }
  if (phase == GRACE) {
    cell.measured_ms = now - cell.phase_began;
    puts("sent");
  }
}

static void send_until(uint64_t due) {
  uint8_t packet[PACKET_BYTES + 64];
  for (; cell.sent_in_phase < due; cell.sent_in_phase++) {
    stream_next(&stream, packet, wall_ns());
    peer_send_rtp(publisher, packet, PACKET_BYTES);
  }
}

/* Whether every receiver got nearly all of the last window; begins the next one. A media server finds out by itself how much
 * a receiver can take, and does not send it everything from the first packet on. */
static bool is_warm(double now) {
  double sent = cell.sent_in_phase - cell.sent_before_window;
  bool warm = true;
  for (int i = 0; i < MOST_PEERS; i++) {
    if (peers[i] == NULL || peers[i] == publisher) continue;
    if (peers[i]->warmed < sent * 0.9) warm = false;
    peers[i]->warmed = 0;
  }
  cell.window_began = now;
  cell.sent_before_window = cell.sent_in_phase;
  return warm;
}

/* Sends what is due, evenly as far as the tick allows, and goes from one phase of the cell to the next. */
static void advance(double now) {
  double in_phase = now - cell.phase_began;
  switch (cell.phase) {
    case IDLE:
      /* A track on which nothing comes for half a minute is ended, at Calls and here, while others are on turn. */
      if (publisher && publisher->connected && in_phase >= KEEP_ALIVE_MS) {
        send_until(1);
        enter(IDLE, now);
      }
      return;
    case WARMING:
      send_until(in_phase * cell.rate / 1e3);
      if (now - cell.window_began >= WARM_WINDOW_MS && (is_warm(now) || in_phase >= cell.most_warm)) enter(SETTLING, now);
      return;
    case SETTLING:
      /* What a media server that could not keep up has still waiting must not run into the next measurement. */
      if ((in_phase >= cell.grace && now - cell.heard_at >= cell.grace) || in_phase >= MOST_SETTLING_MS)
        enter(MEASURING, now);
      return;
    case MEASURING: {
      uint64_t due = in_phase * cell.rate / 1e3;
      send_until(due < cell.count ? due : cell.count);
      if (cell.sent_in_phase < cell.count) return;
      double busy = (cpu_ms() - cell.cpu_before) / in_phase;
      enter(GRACE, now);
      cell.measured_ms = in_phase;
      cell.busy = busy;
      return;
    }
    case GRACE:
      if (in_phase >= cell.grace) report();
  }
}

static void command(const char *line) {
  int number, flag, watched, port, type, extension;
  char ufrag[64], password[64], address[32];
  if (sscanf(line, "peer %d %31s %d %d", &number, address, &flag, &watched) == 4 && number < MOST_PEERS && !peers[number]) {
    struct peer *peer = peers[number] = peer_new(number, address, flag, watched);
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = peer};
    epoll_ctl(poll_set, EPOLL_CTL_ADD, peer->socket, &event);
    printf("peer %d %s %s %d\n", number, peer->ufrag, peer->password, peer_port(peer));
  } else if (sscanf(line, "remote %d %63s %63s %31s %d %d %d %d", &number, ufrag, password, address, &port, &flag, &type,
                    &extension) == 8 &&
             number < MOST_PEERS && peers[number]) {
    peers[number]->payload_type = type;
    peers[number]->transport_extension = extension;
    peer_connect(peers[number], ufrag, password, address, port, flag);
  } else if (sscanf(line, "stream %d %u %d %d %d %d", &number, &stream.ssrc, &stream.payload_type, &stream.send_time,
                    &stream.transport_sequence, &stream.mid) == 6 && number < MOST_PEERS) {
    publisher = peers[number];
    stream.number = stream.frame = stream.in_frame = 0;
  } else if (sscanf(line, "run %lf %lf %lf %lf", &cell.rate, &cell.most_warm, &cell.length, &cell.grace) == 4 && publisher) {
    cell.count = cell.rate * cell.length / 1e3;
    cell.latencies = malloc(MOST_PACKETS * sizeof *cell.latencies);
    cell.seen = calloc(cell.count * MOST_PEERS / 8 + 1, 1);
    enter(WARMING, now_ms());
  } else {
    fprintf(stderr, "not understood: %s", line);
    exit(1);
  }
}

/* Lines of standard input; at its end the program ends too. */
static void read_commands(void) {
  static char line[512];
  static size_t length;
  char byte;
  ssize_t got;
  while ((got = read(STDIN_FILENO, &byte, 1)) == 1) {
    if (length < sizeof line - 1) line[length++] = byte;
    if (byte != '\n') continue;
    line[length] = 0;
    length = 0;
    command(line);
    return;
  }
  if (got == 0) exit(0);
}

int main(int argc, char **argv) {
  setvbuf(stdout, NULL, _IOLBF, 0);
  peers_begin(argc > 1 ? argv[1] : "SRTP_AES128_CM_SHA1_80");
  poll_set = epoll_create1(0);
  struct epoll_event input = {.events = EPOLLIN, .data.ptr = NULL};
  epoll_ctl(poll_set, EPOLL_CTL_ADD, STDIN_FILENO, &input);
  printf("ready %s\n", peers_fingerprint());
  double reported_at = 0, fed_back_at = 0;
  for (;;) {
    double now = now_ms();
    advance(now);
    static struct epoll_event events[MOST_PEERS];
    int count = epoll_wait(poll_set, events, MOST_PEERS, 0);
    for (int i = 0; i < count; i++) {
      if (events[i].data.ptr == NULL) read_commands();
      else drain(events[i].data.ptr);
    }
    bool report_due = now - reported_at >= 1000, feedback_due = now - fed_back_at >= 100;
    if (report_due) reported_at = now;
    if (feedback_due) fed_back_at = now;
    for (int i = 0; i < MOST_PEERS; i++) {
      if (peers[i] == NULL) continue;
      peer_elapse(peers[i], now);
      if (report_due) feedback_report(peers[i], now);
      if (feedback_due) feedback_transport(peers[i]);
    }
    struct timespec tick = {0, cell.phase == IDLE ? IDLE_TICK_NS : TICK_NS};
    nanosleep(&tick, NULL);
  }
}
