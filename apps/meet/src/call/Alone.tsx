import { useText } from "../text/language.ts";
import { Button } from "../ui/Button.tsx";
import { CopyIcon, useCopyLink, useCopyText } from "./CopyLink.tsx";

/** For whoever is first: how to bring the others. */
export function Alone() {
  const text = useText().call;
  const { state, copy } = useCopyLink();
  const label = useCopyText(state);
  return (
    <aside className="mx-auto mt-3 flex max-w-full animate-appear flex-wrap items-center gap-x-5 gap-y-3 rounded-2xl border border-line bg-raised p-4 shadow-card max-sm:w-full">
      <div className="min-w-0">
        <p className="font-semibold tracking-[-0.01em]">{text.alone}</p>
        <p className="text-sm text-soft">{text.aloneHint}</p>
      </div>
      <Button look="primary" size="small" onClick={copy} className="max-sm:w-full">
        <span className="[&>svg]:size-4">
          <CopyIcon state={state} />
        </span>
        {label}
      </Button>
    </aside>
  );
}
