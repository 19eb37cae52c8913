import { TriangleAlert, X } from "lucide-react";
import type { ReactNode } from "react";
import { classes } from "./classes.ts";

export interface NoticeProps {
  readonly title: string;
  readonly children?: ReactNode;
  /** What the person can do right here. */
  readonly action?: ReactNode;
  readonly dismiss?: { readonly label: string; readonly onDismiss: () => void } | undefined;
  readonly grave?: boolean;
}

/** Something that did not go well, and what to do about it. */
export function Notice({ title, children, action, dismiss, grave }: NoticeProps) {
  return (
    <div
      role="alert"
      className={classes(
        "flex items-start gap-3 rounded-xl p-4 text-sm",
        grave ? "bg-danger-tint text-danger-text" : "bg-notice-tint text-notice-text",
      )}
    >
      <TriangleAlert className="mt-px size-4.5 shrink-0" aria-hidden="true" />
      <div className="min-w-0 flex-1">
        <p className="font-semibold">{title}</p>
        {children && <p className="mt-1 text-pretty text-ink">{children}</p>}
        {action && <div className="mt-3">{action}</div>}
      </div>
      {dismiss && (
        <button
          type="button"
          aria-label={dismiss.label}
          onClick={dismiss.onDismiss}
          className="-m-1.5 grid size-8 shrink-0 place-items-center rounded-full text-ink transition-colors hover:bg-ink/10"
        >
          <X className="size-4.5" aria-hidden="true" />
        </button>
      )}
    </div>
  );
}
