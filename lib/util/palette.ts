/** Okabe and Ito's colours that can be told apart by all eyes, on white and on black. */
export const palette = {
  blue: "#0072B2",
  vermillion: "#D55E00",
  green: "#009E73",
  orange: "#E69F00",
  purple: "#CC79A7",
  sky: "#56B4E9",
  grey: "#8C8C8C",
} as const;
