/** A saddle: two parabolas that meet at a critical point, one turned up and one down. */
export const logo = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 64 64">
  <rect width="64" height="64" rx="12" fill="#1f3b57"/>
  <path d="M10 14 Q32 50 54 14" fill="none" stroke="#8ecae6" stroke-width="5" stroke-linecap="round"/>
  <path d="M10 50 Q32 14 54 50" fill="none" stroke="#ffb703" stroke-width="5" stroke-linecap="round"/>
  <circle cx="32" cy="32" r="4.5" fill="#ffffff"/>
</svg>
`;
