import { describe } from "vitest";
import { contract } from "./suite.ts";
import { openTarget } from "./target.ts";

const target = await openTarget();

describe(`the Calls API of ${target.name}`, () => contract(target));
