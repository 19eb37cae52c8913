import { TriangleAlert } from "lucide-react";
import type { ReactNode } from "react";
import { classes } from "./classes.ts";

export interface NoticeProps {
  readonly title: string;
  readonly children?: ReactNode;
  readonly action?: ReactNode;
  readonly grave?: boolean;
  readonly className?: string;
}

/** Something that did not go well, and what to do about it. */
export function Notice({ title, children, action, grave, className }: NoticeProps) {
  return (
    <div
      role="alert"
      className={classes(
        "flex items-start gap-3 rounded-xl p-3.5 text-sm",
        grave ? "bg-danger-tint text-danger-text" : "bg-notice-tint text-notice-text",
        className,
      )}
    >
      <TriangleAlert className="mt-0.5 size-4.5 shrink-0" aria-hidden="true" />
      <div className="min-w-0 flex-1">
        <p className="font-semibold">{title}</p>
        {children && <p className="mt-0.5 text-pretty text-ink">{children}</p>}
      </div>
      {action}
    </div>
  );
}
