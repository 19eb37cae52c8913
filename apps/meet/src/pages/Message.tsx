import type { ReactNode } from "react";
import { Logo } from "../ui/Logo.tsx";
import { PageHeading } from "../ui/PageHeading.tsx";

export interface MessageProps {
  readonly title: string;
  readonly lead: string;
  readonly children: ReactNode;
}

/** A page that says one thing and offers what to do next. */
export function Message({ title, lead, children }: MessageProps) {
  return (
    <main className="grid min-h-dvh place-items-center px-5 py-10">
      <title>{`${title} · Satsuma`}</title>
      <div className="flex w-full max-w-sm animate-appear flex-col items-center text-center">
        <Logo className="size-16" />
        <PageHeading className="mt-7 text-2xl font-bold tracking-[-0.03em] text-balance">{title}</PageHeading>
        <p className="mt-2.5 text-pretty text-soft">{lead}</p>
        <div className="mt-8 flex w-full flex-col gap-2.5">{children}</div>
      </div>
    </main>
  );
}
