import { expect, test } from "vitest";
import { AddressRate } from "./address-rate.ts";

test("[K3] the sockets of one address share its rate, and those of another have their own", () => {
  const rate = new AddressRate(10, 20);
  const [a, b, other] = [rate.enter("1", 0), rate.enter("1", 0), rate.enter("2", 0)];
  const heard = (meter: typeof a, times: number, now: number) =>
    Array.from({ length: times }, () => meter.take(10, now)).filter((wait) => wait === undefined).length;
  expect(heard(a, 15, 0) + heard(b, 15, 0)).toBe(20);
  expect(a.take(10, 0)).toBe(100);
  expect(heard(other, 30, 0)).toBe(20);
  expect(heard(a, 5, 200)).toBe(2);
});

test("what is long counts for more, and what is refused is not counted", () => {
  const rate = new AddressRate(10, 20);
  const meter = rate.enter("1", 0);
  expect(meter.take(10_240, 0)).toBeUndefined();
  expect(meter.take(10_240, 0)).toBe(200);
  expect(meter.take(10_240, 0)).toBe(200);
  expect(meter.refused).toBe(2);
  expect(meter.take(9_000, 0)).toBeUndefined();
  expect(meter.refused).toBe(0);
  // One that is larger than all there can be waits for a full bucket, and not for ever.
  expect(meter.take(1_000_000, 0)).toBe(2_000);
  expect(meter.take(1_000_000, 2_000)).toBeUndefined();
});

test("an address without sockets is forgotten, however often they are said to be gone", () => {
  const rate = new AddressRate(10, 20);
  const [first, second] = [rate.enter("1", 0), rate.enter("1", 0)];
  for (let time = 0; time < 20; time++) first.take(10, 0);
  first.leave();
  first.leave();
  expect(rate.enter("1", 0).take(10, 0)).toBe(100);
  second.leave();
});
