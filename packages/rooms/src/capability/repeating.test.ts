import { expect, test } from "vitest";
import { heard, Stage } from "../../test/stage.ts";

test("[RM38] a command sent again after its ack was lost is answered again and not done again", () => {
  const stage = new Stage();
  const ann = stage.join("ann", {}, { client: "page" });
  const first = stage.command(ann, { do: "say", text: "once" }, 7);
  stage.lose(ann);
  const back = stage.resume(ann, {}, "page");
  expect(stage.command(back, { do: "say", text: "once" }, 7)).toEqual(first);
  expect(heard(back, "chat")).toEqual([]);
  expect(stage.result(back, { do: "read", limit: 10 })).toMatchObject({ messages: [{ text: "once" }] });
});

test("[RM38] that holds over the end of the process", () => {
  const stage = new Stage();
  const ann = stage.join("ann", {}, { client: "page" });
  const first = stage.command(ann, { do: "say", text: "once" }, 7);
  stage.restart();
  const back = stage.resume(ann, {}, "page");
  expect(stage.command(back, { do: "say", text: "once" }, 7)).toEqual(first);
  expect(stage.result(back, { do: "read", limit: 10 })).toMatchObject({ messages: [{ text: "once" }] });
});

test("[RM38] a refusal is repeated as well", () => {
  const stage = new Stage();
  const ann = stage.join("ann", {}, { client: "page" });
  const first = stage.command(ann, { do: "mute", name: "mic", muted: true }, 3);
  expect(first).toMatchObject({ type: "error", code: "not-found" });
  expect(stage.command(ann, { do: "mute", name: "mic", muted: true }, 3)).toEqual(first);
});

test("[RM38] another page counts its own commands", () => {
  const stage = new Stage();
  stage.command(stage.join("ann", {}, { client: "page" }), { do: "rename", name: "A" }, 1);
  const reloaded = stage.join("ann", {}, { client: "another page" });
  stage.command(reloaded, { do: "rename", name: "B" }, 1);
  expect(reloaded.view?.participants[0]?.name).toBe("B");
});

test("[RM38] so many answers are kept and no more", () => {
  const stage = new Stage({ answersKept: 2 });
  const ann = stage.join("ann", {}, { client: "page" });
  for (const id of [1, 2, 3]) stage.command(ann, { do: "rename", name: `n${id}` }, id);
  stage.command(ann, { do: "rename", name: "again" }, 2);
  expect(ann.view?.participants[0]?.name).toBe("n3");
  stage.command(ann, { do: "rename", name: "again" }, 1);
  expect(ann.view?.participants[0]?.name).toBe("again");
});

test("[RM38] that holds also for who was away for longer than the grace period, and no longer than the meeting", () => {
  const stage = new Stage();
  const host = stage.host();
  const ann = stage.join("ann", {}, { client: "page" });
  const first = stage.command(ann, { do: "say", text: "once" }, 7);
  stage.lose(ann);
  stage.pass(10_000);
  stage.restart();
  const back = stage.resume(ann, {}, "page");
  expect(stage.command(back, { do: "say", text: "once" }, 7)).toEqual(first);
  stage.lose(back);
  stage.pass(10_000);
  expect([...stage.stored.keys()].filter((key) => key.startsWith("done:"))).toEqual(["done:ann"]);
  stage.order({ do: "end" });
  expect([...stage.stored.keys()].filter((key) => key.startsWith("done:"))).toEqual([]);
  expect(host.lost).toBe(true);
});

test("[RM38] of so many who were away too long the answers are kept", () => {
  const stage = new Stage({ departed: 1 });
  for (const id of ["ann", "bob"]) {
    const peer = stage.join(id, {}, { client: "page" });
    stage.command(peer, { do: "rename", name: "x" }, 1);
    stage.lose(peer);
    stage.pass(10_000);
  }
  expect([...stage.stored.keys()].filter((key) => key.startsWith("done:"))).toEqual(["done:bob"]);
});
