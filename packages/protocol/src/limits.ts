/** Bounds of the wire itself. Everything that can be configured lives with its server; these are the ceilings both ends share. */
export const limits = {
  /** Characters of a participant's name. */
  nameLength: 128,
  /** Characters of a room name, as it stands in the URL after decoding. */
  roomNameLength: 128,
  /** Characters of a track name; Calls uses UUIDs, people use words. */
  trackNameLength: 128,
  /** Tracks that one participant may publish at once. */
  tracksPerParticipant: 16,
  /** Attributes of one participant, and characters of a key and of a value. */
  attributes: 32,
  attributeKeyLength: 64,
  attributeLength: 512,
  /** Characters of a chat message, and of a poll's question and options. */
  chatLength: 8_000,
  questionLength: 500,
  pollOptions: 20,
  /** Identities that one message may mention. */
  mentions: 50,
  /** Characters of an emoji: the longest sequences of Unicode have 35 bytes. */
  emojiLength: 16,
  /** Characters of the key of a shared entry, and prefixes that one member may watch. */
  entryKeyLength: 128,
  /** Objects and lists inside one another in the value of a shared entry. */
  jsonDepth: 32,
  watches: 64,
  /** Participants that one command may name. */
  namedAtOnce: 100,
  /** Items of one page that is asked for. */
  pageLength: 100,
  /** Tracks of one quality sample. */
  sampledTracks: 16,
  /** Characters of a passcode. */
  passcodeLength: 128,
  /** Tracks in one Calls request (Calls platform limits). */
  tracksPerRequest: 64,
  /** Bytes of one room message from a client, before and after decompression. */
  messageBytes: 65_536,
  /**
   * Bytes of one message of Orange's client. It writes the bytes of an MLS welcome as decimal numbers, and sends whole
   * SDPs of its Calls requests; 1 MiB is the least it needs.
   */
  orangeMessageBytes: 2_097_152,
  /** Bytes of one Calls request body: an offer with 64 m-lines is about 200 kB. */
  callsBodyBytes: 1_048_576,
} as const;
