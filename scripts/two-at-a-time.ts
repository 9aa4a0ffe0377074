/** Does something for each item, two at a time, so that the machine stays usable. */
export async function twoAtATime<T>(items: Iterable<T>, action: (item: T) => Promise<void>): Promise<void> {
  const waiting = [...items];
  async function work(): Promise<void> {
    for (let item = waiting.shift(); item !== undefined; item = waiting.shift()) await action(item);
  }
  await Promise.all([work(), work()]);
}
