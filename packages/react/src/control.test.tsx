// @vitest-environment happy-dom
/** Controls made of nothing but what the hooks give them. */
import { type LocalMedia, type LocalView, Store } from "@satsuma/client";
import { act } from "react";
import { createRoot } from "react-dom/client";
import { afterEach, beforeAll, expect, test, vi } from "vitest";
import { LocalMediaProvider } from "./context.tsx";
import { useDevices, useMicrophone } from "./device-hooks.ts";

beforeAll(() => {
  vi.stubGlobal("IS_REACT_ACT_ENVIRONMENT", true);
});

afterEach(() => document.body.replaceChildren());

const microphone = { on: false, busy: false, device: "one" } as LocalView["microphone"];
const devices = { microphones: ["one", "two"].map((id) => ({ id, label: id })) } as unknown as LocalView["devices"];

function Controls() {
  const { devices, control } = useDevices("microphone");
  return (
    <>
      <button {...useMicrophone().button}>Microphone</button>
      <select {...control}>
        {devices.map(({ id, label }) => (
          <option key={id} value={id}>
            {label}
          </option>
        ))}
      </select>
    </>
  );
}

test("a button and a choice that are given what the hooks say show the device and change it", () => {
  const store = new Store({ microphone, devices } as LocalView);
  const setMicrophone = vi.fn((on: boolean) => {
    store.set({ ...store.snapshot(), microphone: { ...microphone, on } });
    return Promise.resolve();
  });
  const setDevice = vi.fn(() => Promise.resolve());
  const { snapshot, subscribe } = store;
  const media = { snapshot, subscribe, setMicrophone, setDevice } as unknown as LocalMedia;
  const root = createRoot(document.body.appendChild(document.createElement("div")));
  act(() => root.render(<LocalMediaProvider media={media}>{<Controls />}</LocalMediaProvider>));

  const button = document.querySelector("button");
  expect(button?.getAttribute("aria-pressed")).toBe("false");
  act(() => button?.click());
  expect(setMicrophone).toHaveBeenLastCalledWith(true);
  expect(button?.getAttribute("aria-pressed")).toBe("true");

  const select = document.querySelector("select");
  expect(select?.value).toBe("one");
  act(() => {
    if (select) select.value = "two";
    select?.dispatchEvent(new Event("change", { bubbles: true }));
  });
  expect(setDevice).toHaveBeenLastCalledWith("microphone", "two");
  act(() => root.unmount());
});
