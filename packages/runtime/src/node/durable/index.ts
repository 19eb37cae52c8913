export { restoreStore } from "./backup.ts";
export { joinSocket } from "./socket.ts";
export { Store, type StoreOptions, storeDefaults } from "./store.ts";
