/** The one time source of the stand-in; tests stop it and move it. */
export interface Clock {
  /** Milliseconds since 1970, as the stand-in sees it. */
  now(): number;
  /** Stops the clock, at `at` if given, else where it is. */
  freeze(at?: Date | number): void;
  /** Moves the clock; a frozen one stays frozen at the new time. */
  advance(milliseconds: number): void;
  /** Goes back to the real time. */
  reset(): void;
}

export function createClock(realNow = () => Date.now()): Clock {
  let frozenAt: number | undefined;
  let offset = 0;
  const now = () => frozenAt ?? realNow() + offset;
  return {
    now,
    freeze(at) {
      frozenAt = at === undefined ? now() : Number(at);
    },
    advance(milliseconds) {
      if (frozenAt === undefined) offset += milliseconds;
      else frozenAt += milliseconds;
    },
    reset() {
      frozenAt = undefined;
      offset = 0;
    },
  };
}

/** Whole seconds since 1970, the unit of every time in the protocols. */
export function seconds(clock: Clock): number {
  return Math.floor(clock.now() / 1000);
}
