import type { ReactNode } from "react";

export interface RowProps {
  readonly label: string;
  readonly hint?: string;
  readonly children: ReactNode;
}

/** A setting with its name on the left, and what it is set with on the right. */
export function Row({ label, hint, children }: RowProps) {
  return (
    <div className="flex items-center justify-between gap-4">
      <div className="min-w-0">
        <p className="text-[0.9375rem] font-medium">{label}</p>
        {hint && <p className="mt-0.5 text-[0.8125rem] text-pretty text-soft">{hint}</p>}
      </div>
      {children}
    </div>
  );
}
