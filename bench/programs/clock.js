// A clock that can be moved, for both libraries: one reads Date.now(), the other also new Date().
const Real = Date;
let shift = 0;
globalThis.Date = class extends Real {
  constructor(...args) {
    if (args.length === 0) super(Real.now() + shift);
    else super(...args);
  }
  static now() {
    return Real.now() + shift;
  }
};
export const move = (ms) => {
  shift += ms;
};
