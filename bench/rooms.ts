/**
 * `npm run bench:rooms`: one room with very many in it, against a bare `ws` broadcast of the same bytes (the ceiling),
 * a socket.io room, and full state to everyone on every change (Orange's design, on workerd).
 *
 * The server has one core to itself and this process, with all members in it, the other. `--quick` measures less;
 * `--soak` holds 10,000 sockets in 1,000 rooms for ten minutes instead (`--rooms` of ten say how many, `--minutes` how
 * long, `--ping` how many seconds are between two pings); `--json` ends with one JSON
 * object; `--write` renews docs/benchmarks/rooms.md or rooms-soak.md with its chart.
 */
import { parseArgs } from "node:util";
import { bareWs, orange, orangeDialect, satsuma, socketIo } from "./rooms/contenders.ts";
import { stepAside } from "./rooms/process.ts";
import { figures, pageOf, type Result, tableOf } from "./rooms/report.ts";
import { run } from "./rooms/run.ts";
import { soak } from "./rooms/soak.ts";
import { linesOf, soakPage } from "./rooms/soak-page.ts";

const { values: options } = parseArgs({
  options: {
    quick: { type: "boolean", default: false },
    json: { type: "boolean", default: false },
    write: { type: "boolean", default: false },
    soak: { type: "boolean", default: false },
    rooms: { type: "string", default: "1000" },
    minutes: { type: "string", default: "10" },
    ping: { type: "string", default: "5" },
  },
});

stepAside();
if (options.soak) {
  const held = await soak({
    rooms: Number(options.rooms),
    each: 10,
    minutes: Number(options.minutes),
    pingMs: Number(options.ping) * 1_000,
  });
  console.log(linesOf(held).join("\n"));
  if (options.write) soakPage(held);
  if (options.json) console.log(JSON.stringify(held));
} else {
  const results = await compare(options.quick);
  console.log(tableOf(results));
  if (options.write) pageOf(results);
  if (options.json) console.log(JSON.stringify(figures(results)));
}
process.exit(0);

async function compare(quick: boolean): Promise<Result[]> {
  const sizes = quick ? [100, 1_000] : [100, 300, 1_000, 2_000];
  const seconds = quick ? 2 : 5;
  const results: Result[] = [];
  results.push(await run(orangeDialect, { members: 200, rates: [20], seconds, patienceMs: 30_000 }));
  for (const members of sizes) {
    const ours = await run(satsuma, { members, rates: [20, 100], seconds, patienceMs: 30_000 });
    // The others send as many bytes as ours do in their place.
    const bytes = Math.round(ours.updates[0]?.bytesPerMember ?? 130);
    results.push(ours);
    for (const contender of [bareWs(bytes), socketIo(bytes)]) {
      results.push(await run(contender, { members, rates: [20, 100], seconds, patienceMs: 30_000 }));
    }
    if (members <= (quick ? 100 : 300)) {
      results.push(await run(orange, { members, rates: [20], seconds, patienceMs: quick ? 10_000 : 20_000 }));
    }
  }
  return results;
}
