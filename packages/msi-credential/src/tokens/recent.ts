/** A map that keeps what was used of late: the last `most / 2` names at least, and `most` at the most. */
export interface RecentMap<Name, Value> {
  get(name: Name): Value | undefined;
  set(name: Name, value: Value): void;
  delete(name: Name): void;
}

/** Two halves: when the young one is full it becomes the old one, and what nobody has asked for since is gone. */
export function recentMap<Name, Value>(most: number): RecentMap<Name, Value> {
  let young = new Map<Name, Value>();
  let old = new Map<Name, Value>();
  const set = (name: Name, value: Value) => {
    if (young.size >= most / 2 && !young.has(name)) {
      old = young;
      young = new Map();
    }
    young.set(name, value);
  };
  return {
    set,
    get(name) {
      const value = young.get(name);
      if (value !== undefined) return value;
      const older = old.get(name);
      if (older !== undefined) set(name, older);
      return older;
    },
    delete(name) {
      young.delete(name);
      old.delete(name);
    },
  };
}
