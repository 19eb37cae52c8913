/** Anna, Ben and Cleo: each a browser of their own, told apart by the size of their picture and the pitch of their voice. */
import { Chromium, type Equipment } from "./browser.ts";

const equipment = {
  Anna: { camera: { width: 640, height: 360 }, pitch: 210 },
  Ben: { camera: { width: 480, height: 360 }, pitch: 120 },
  Cleo: { camera: { width: 320, height: 240 }, pitch: 260 },
} satisfies Record<string, Equipment>;

export type Name = keyof typeof equipment;
export type Cast = Readonly<Record<Name, Chromium>>;

export function cameraOf(name: Name) {
  return equipment[name].camera;
}

export function startBrowser(name: Name): Promise<Chromium> {
  return Chromium.start(equipment[name]);
}

export async function startCast(): Promise<Cast> {
  const [Anna, Ben, Cleo] = await Promise.all([startBrowser("Anna"), startBrowser("Ben"), startBrowser("Cleo")]);
  return { Anna, Ben, Cleo };
}

export async function endCast(cast: Cast | undefined): Promise<void> {
  await Promise.all(Object.values(cast ?? {}).map((browser) => browser.close()));
}
