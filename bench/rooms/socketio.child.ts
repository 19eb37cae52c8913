import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { Server } from "socket.io";

const http = createServer();
const io = new Server(http, { transports: ["websocket"] });
io.on("connection", (socket) => {
  socket.join("bench");
  socket.emit("welcome");
  socket.on("update", (text: string) => io.to("bench").emit("update", text));
});
http.listen(0, "127.0.0.1", 4_096, () => console.log(JSON.stringify({ port: (http.address() as AddressInfo).port })));
