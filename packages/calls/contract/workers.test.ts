import { describe } from "vitest";
import { contract } from "./suite.ts";
import { openOwn } from "./target.ts";

const target = await openOwn(2);

describe(`the Calls API of ${target.name}`, () => contract(target));
