/** The mark: a cut satsuma with its leaf. Decorative; the name stands beside it or on its button. */
export function Logo({ className }: { readonly className?: string }) {
  return (
    <svg viewBox="0 0 32 32" className={className} aria-hidden="true">
      <circle cx="16" cy="17.5" r="13" className="fill-peel" />
      <path d={segments} className="fill-pith stroke-pith" strokeLinejoin="round" />
      <path d="M16 5.2C17.2 1.8 20.6 .6 24.6 1.6 23.8 5 20.4 6.8 16 5.2Z" className="fill-leaf" />
    </svg>
  );
}

/** Eight wedges around the middle, each 45° less a gap of 0.2 rad. */
const segments =
  "M18.03 18.34L25.55 18.46A9.6 9.6 0 0 1 23.43 23.58ZM16.84 19.53L22.08 24.93A9.6 9.6 0 0 1 16.96 27.05ZM15.16 19.53L15.04 27.05A9.6 9.6 0 0 1 9.92 24.93ZM13.97 18.34L8.57 23.58A9.6 9.6 0 0 1 6.45 18.46ZM13.97 16.66L6.45 16.54A9.6 9.6 0 0 1 8.57 11.42ZM15.16 15.47L9.92 10.07A9.6 9.6 0 0 1 15.04 7.95ZM16.84 15.47L16.96 7.95A9.6 9.6 0 0 1 22.08 10.07ZM18.03 16.66L23.43 11.42A9.6 9.6 0 0 1 25.55 16.54Z";
