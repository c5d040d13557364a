/** The routines of BLAS and LAPACK that are called, as Fortran has them: every argument is an address. */

export interface Signature {
  readonly arguments: number;
  /** How many of them are texts, whose lengths compilers of Fortran expect behind the arguments. */
  readonly texts: number;
}

export const routines = {
  dgemm: { arguments: 13, texts: 2 },
  dsyevd: { arguments: 11, texts: 2 },
  dgesdd: { arguments: 14, texts: 1 },
  dgetrf: { arguments: 6, texts: 0 },
  dgetrs: { arguments: 9, texts: 1 },
  dpotrf: { arguments: 5, texts: 1 },
  dgelqf: { arguments: 8, texts: 0 },
  dorglq: { arguments: 9, texts: 0 },
} as const satisfies Readonly<Record<string, Signature>>;

export type Routine = keyof typeof routines;

/** One call: the routine, its arguments, and its arithmetic, roughly. */
export interface Call {
  readonly routine: Routine;
  readonly arguments: readonly ArrayBufferView[];
  readonly work: number;
}

/** A text of one letter. */
export function letter(text: string): Uint8Array {
  return Uint8Array.of(text.charCodeAt(0));
}

/** A whole number of 64 bits, the lower half of which is one of 32: right for either kind of library. */
export function whole(value: number): Int32Array {
  return Int32Array.of(value, value < 0 ? -1 : 0);
}

/** The value of a whole number that a routine has set. */
export function valueOf(number: Int32Array): number {
  return number[0];
}
