export { namespaceOf, type ObjectHandle, type ObjectNamespace } from "./namespace.ts";
export { durableObject, type ObjectOptions, type Reply } from "./object.ts";
