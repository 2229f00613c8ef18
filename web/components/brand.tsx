/** The robot's face: a small one for the header, the same for the door. */
export function Brand() {
  return (
    <span class="brand">
      <svg viewBox="0 0 32 32" aria-hidden="true">
        <path class="brand-head" d="M16 2.5V6" />
        <rect class="brand-head" x="3" y="6" width="26" height="21" rx="8" />
        <rect class="brand-face" x="8" y="12" width="16" height="9" rx="4.5" />
        <circle class="brand-eye" cx="12.5" cy="16.5" r="1.9" />
        <circle class="brand-eye" cx="19.5" cy="16.5" r="1.9" />
      </svg>
      <span>KnowBot</span>
    </span>
  )
}
