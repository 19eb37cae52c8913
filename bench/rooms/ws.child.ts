import type { AddressInfo } from "node:net";
import { WebSocket, WebSocketServer } from "ws";

const server = new WebSocketServer({ port: 0, host: "127.0.0.1", backlog: 4_096 });
server.on("connection", (socket) => {
  socket.on("message", (data) => {
    if (data.toString() === "hello") return socket.send("welcome");
    for (const each of server.clients) if (each.readyState === WebSocket.OPEN) each.send(data, { binary: false });
  });
});
server.on("listening", () => console.log(JSON.stringify({ port: (server.address() as AddressInfo).port })));
