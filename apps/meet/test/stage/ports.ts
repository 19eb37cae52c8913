/** Where servers of tests listen. */
export const loopback = "127.0.0.1";
