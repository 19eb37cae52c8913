/** What clients of Cloudflare's service depend on, beyond what its description says. */
import { describe, expect, test } from "vitest";
import { Api, cam, push } from "../../test/api.ts";
import { offer } from "../../test/descriptions.ts";

describe("as its clients depend on", () => {
  test("both mounts answer, and unknown query parameters and a bare ? are ignored", async () => {
    const api = new Api();
    for (const path of ["/apps/app/sessions/new?", "/v1/apps/app/sessions/new?correlationId=1&streamDebug"]) {
      const { status, json } = await api.call({ path });
      expect([status, json]).toEqual([201, { sessionId: expect.stringMatching(/^[0-9a-f]{32}$/) }]);
    }
  });

  test.each(["text/plain;charset=UTF-8", "application/json", "application/x-www-form-urlencoded", ""])(
    "a body is JSON whatever its content type: %j",
    async (type) => {
      const api = new Api();
      const { status } = await api.call({
        path: `/v1/apps/app/sessions/${await api.session()}/tracks/new`,
        headers: { "content-type": type },
        body: push,
      });
      expect(status).toBe(200);
    },
  );

  test("a session may begin with an offer and is answered at once", async () => {
    const { status, json } = await new Api().call({ body: { sessionDescription: offer([cam]) } });
    expect(status).toBe(201);
    expect(json).toMatchObject({ sessionDescription: { type: "answer" } });
  });

  test("fields that echo an earlier answer are ignored", async () => {
    const api = new Api();
    const one = await api.publisher();
    const track = { location: "remote", sessionId: one, trackName: "cam", errorCode: "x", surprise: { a: 1 } };
    expect((await api.tracks(await api.session(), { tracks: [track], surprise: 1 })).status).toBe(200);
  });

  test("a browser may ask from anywhere: preflight needs no secret", async () => {
    const { status, headers } = await new Api().call({
      method: "OPTIONS",
      path: "/v1/apps/app/sessions/x/renegotiate",
      authorization: "",
      headers: {
        origin: "https://example.org",
        "access-control-request-method": "PUT",
        "access-control-request-headers": "authorization,content-type",
      },
    });
    expect(status).toBe(204);
    expect(headers.get("access-control-allow-origin")).toBe("*");
    expect(headers.get("access-control-allow-methods")).toContain("PUT");
    expect(headers.get("access-control-allow-headers")?.toLowerCase()).toContain("authorization");
  });

  test("refusals can be read by a page of another origin too", async () => {
    const { headers } = await new Api().call({ authorization: "", headers: { origin: "https://example.org" } });
    expect(headers.get("access-control-allow-origin")).toBe("*");
  });
});
