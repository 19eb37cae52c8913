import { type ReactNode, useEffect, useRef } from "react";
import { classes } from "./classes.ts";

/**
 * The heading of a page that comes in place of another. It takes the focus, which was on a control that is gone now, so
 * that a screen reader says where one has arrived and the keyboard goes on from there.
 */
export function PageHeading({ className, children }: { readonly className?: string; readonly children: ReactNode }) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => heading.current?.focus({ preventScroll: true }), []);
  return (
    <h1 ref={heading} tabIndex={-1} className={classes("outline-none", className)}>
      {children}
    </h1>
  );
}
