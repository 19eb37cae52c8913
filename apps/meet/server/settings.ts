/**
 * Every setting of the process in one schema: its unit and its reason beside it, its default in it.
 *
 * A key is written `http.port` in a configuration file and `SATSUMA_HTTP_PORT` in the environment (config.ts).
 */
import * as v from "valibot";
import { roomSettings } from "./rooms.ts";
import { list, option, section, setting, whole } from "./schema.ts";

const port = whole(0, 65_535);
const keyId = v.pipe(v.string(), v.regex(/^[\w.-]{1,64}$/, "expected letters, digits, dots and dashes"));
const secretLength = "expected 16 to 512 characters";
/** Candidates name numbers: a browser looks up no other name in them. */
const ip = v.pipe(v.string(), v.trim(), v.ip("expected IP addresses"));
const address = v.pipe(v.string(), v.trim(), v.minLength(1), v.maxLength(255));

export const settingsSchema = section({
  http: section({
    host: setting(
      address,
      "127.0.0.1",
      "Address to listen on. Browsers give camera and microphone to localhost and to https only, so other machines need a proxy with TLS in front anyway; it reaches us here, and nobody else does. 0.0.0.0 listens everywhere.",
    ),
    port: setting(port, 8787, "TCP port of the page, its API and its sockets. 0 takes any free one."),
    addressHeader: option(
      v.pipe(v.string(), v.regex(/^[\w-]+$/, "expected the name of a header")),
      "Header with the caller's address, set by a proxy in front, such as x-real-ip. Unset, the connection's own address counts.",
    ),
  }),
  media: section({
    port: setting(whole(1, 65_535), 8788, "UDP port of all media. One port is one hole in a firewall."),
    workers: setting(
      whole(1, 64),
      1,
      "Processes that media is spread over. 1 is this one, which serves as much as one core can. From 2 on each is one of its own, with about 90 MB and a UDP port: they count up from media.port, and from media.sideDoor. As many as there are cores, less one.",
    ),
    sideDoor: option(
      whole(1, 65_535),
      "Second UDP port, which Chromium behind a TURN server over TCP or TLS needs to get here. Unset, it cannot.",
    ),
    host: option(address, "Address that media is bound to. Unset, all of this machine's."),
    advertise: option(
      list(ip),
      "Addresses that browsers are told to send media to, separated by commas in the environment. Unset, all of this machine's; behind NAT, name the public one.",
    ),
  }),
  sfu: section({
    url: option(
      v.pipe(v.string(), v.url("expected a URL"), v.regex(/^https?:/, "expected http or https")),
      "Calls API of another media server, such as https://rtc.live.cloudflare.com/v1. Unset, media is served by this process.",
    ),
    app: option(
      v.pipe(v.string(), v.regex(/^[\w-]{1,64}$/, "expected letters, digits and dashes")),
      "App id at the media server. Unset, one is made at the first start and kept in the data folder.",
    ),
    secret: option(
      v.pipe(v.string(), v.minLength(16, secretLength), v.maxLength(512, secretLength)),
      "Secret of that app. Unset, one is made at the first start and kept in the data folder.",
    ),
  }),
  management: section({
    token: option(
      v.pipe(v.string(), v.minLength(32), v.maxLength(512)),
      "Token that opens /client/v4, where apps and TURN keys of the media server are made and deleted. Unset, nothing can be.",
    ),
  }),
  api: section({
    key: option(
      v.pipe(v.string(), v.minLength(32), v.maxLength(512)),
      "Key that opens /api/v1, where an app's backend lists, changes and ends rooms. Unset, there is no such API.",
    ),
    webhook: option(
      v.pipe(v.string(), v.url("expected a URL"), v.regex(/^https?:/, "expected http or https")),
      "Where the events of all rooms are sent, each as a signed POST. Unset, nowhere.",
    ),
    webhookSecret: option(
      v.pipe(v.string(), v.minLength(16, secretLength), v.maxLength(512, secretLength)),
      "Secret that webhooks are signed with. Unset, one is made at the first start and kept in the data folder.",
    ),
  }),
  turn: section({
    urls: option(
      list(v.pipe(v.string(), v.regex(/^(stuns?|turns?):/, "expected stun: or turn: URLs"))),
      "URLs of the relay that people behind strict networks are given, separated by commas in the environment.",
    ),
    secret: option(
      v.pipe(v.string(), v.minLength(16), v.maxLength(512)),
      "Secret shared with coturn (its static-auth-secret). Its credentials hold until they expire.",
    ),
    database: option(address, "SQLite user database shared with coturn (its userdb). Its credentials can be revoked."),
    realm: option(address, "Realm of coturn's user database."),
    cliHost: setting(address, "127.0.0.1", "Address of coturn's command line interface (its cli-ip)."),
    cliPort: setting(port, 5766, "TCP port of coturn's command line interface, where coturn itself has it."),
    cliPassword: option(
      v.pipe(v.string(), v.minLength(1), v.maxLength(512)),
      "Password of coturn's command line interface. Unset, revoked credentials begin no relay but end none that runs.",
    ),
    cloudflareKey: option(
      v.pipe(v.string(), v.regex(/^[\w-]{1,64}$/, "expected letters, digits and dashes")),
      "Id of a TURN key at Cloudflare, to relay there.",
    ),
    cloudflareToken: option(v.pipe(v.string(), v.minLength(16), v.maxLength(512)), "API token of that TURN key."),
  }),
  data: section({
    folder: setting(address, "data", "Folder of everything that outlives the process."),
  }),
  tokens: section({
    key: option(
      v.pipe(v.string(), v.regex(/^[\w-]{43,}$/, "expected at least 32 bytes as base64url")),
      "Key of room tokens, at least 32 bytes as base64url. Unset, one is made at the first start and kept in the data folder, so that tokens survive a restart.",
    ),
    keyId: option(
      keyId,
      "Name of that key, which its tokens carry. To be set when a key is replaced; any other word than before.",
    ),
    earlier: option(
      list(v.pipe(v.string(), v.regex(/^[\w.-]{0,64}:[\w-]{43,}$/, "expected name:key, the key as base64url"))),
      "Keys of before, each as name:key and :key for one that had no name, separated by commas in the environment. Their tokens hold until they expire, so one is kept for as long as tokens live after it was replaced.",
    ),
    ttl: setting(
      whole(60, 604_800),
      21_600,
      "Seconds for which a room token lets its bearer in: 6 h, a long working day.",
    ),
    perMinute: setting(
      whole(1, 100_000),
      120,
      "Tokens a minute for one address: an office of a hundred behind one address all join at nine.",
    ),
  }),
  rooms: roomSettings,
  orange: section({
    enabled: setting(
      v.union([
        v.boolean(),
        v.pipe(
          v.picklist(["true", "false"]),
          v.transform((text) => text === "true"),
        ),
      ]),
      false,
      "Whether Orange Meets' own client may join rooms, at /parties/rooms/:room and /partytracks. Off, since it brings no tokens: whoever has a name may come in.",
    ),
    secrets: option(
      list(v.pipe(v.string(), v.minLength(16), v.maxLength(512))),
      "Secrets of the __session cookie, separated by commas in the environment; the first signs, each is believed. Unset, one is made at the first start and kept in the data folder.",
    ),
    nameHeader: option(
      v.pipe(v.string(), v.regex(/^[\w-]+$/, "expected the name of a header")),
      "Header that names visitors, such as cf-access-authenticated-user-email. Only behind a proxy that takes it away from strangers.",
    ),
  }),
  sockets: section({
    most: setting(whole(1, 1_000_000), 20_000, "Sockets of the whole process, at about 30 kB each."),
    joinsPerMinute: setting(
      whole(1, 1_000_000),
      2_000,
      "Sockets that one address may open in a minute: a large house behind one address, after a restart.",
    ),
    messagesPerSecond: setting(
      whole(1, 1_000_000),
      5_000,
      "Messages a second that one address may send on all its sockets, four times as many at once; with every KiB one counts for one more.",
    ),
    rooms: setting(
      whole(1, 1_000_000),
      10_000,
      "Rooms that meet or are kept at once. Whoever would begin another is told to come again.",
    ),
    waitingBytes: setting(
      whole(1_024, 1_073_741_824),
      1_048_576,
      "Bytes that may wait for one reader before it is closed: some thousand deltas, a second's work for one that lives.",
    ),
  }),
  log: section({
    level: setting(
      v.picklist(["error", "warn", "info"]),
      "warn",
      "What is logged: a calm terminal shows what went wrong.",
    ),
  }),
});

export type Settings = v.InferOutput<typeof settingsSchema>;
