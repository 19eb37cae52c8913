/** Members by person: what is meant for one person finds their devices without a look at everybody. */
import type { Member, RoomData } from "./data.ts";

export function addMember({ members, devices }: RoomData, member: Member): void {
  const { identity } = member.face;
  members.set(member.id, member);
  const own = devices.get(identity) ?? new Set();
  devices.set(identity, own.add(member));
}

export function dropMember({ members, devices, watchers }: RoomData, member: Member): void {
  const { identity } = member.face;
  members.delete(member.id);
  watchers.delete(member);
  const own = devices.get(identity);
  own?.delete(member);
  if (own?.size === 0) devices.delete(identity);
}

export function devicesOf({ devices }: RoomData, identities: readonly string[]): Member[] {
  return [...new Set(identities)].flatMap((identity) => [...(devices.get(identity) ?? [])]);
}
