/** A line with a command in it stays one line: it is there to be copied, and a terminal breaks it without harm. */
const hasCommand = /\b(az|npm|npx|kubectl|curl|sudo|nslookup|timedatectl|azcmagent) /;

/**
 * Breaks a line at its spaces where it is wider than the terminal; what follows begins below the text, at `indent`.
 *
 * @param width - In columns; undefined for a file or a pipe, which have none.
 */
export function wrap(line: string, width: number | undefined, indent: number): string {
  if (width === undefined || line.length <= width || width < indent + 20 || hasCommand.test(line)) return line;
  const last = line.lastIndexOf(' ', width);
  // A word that is wider than the room, such as an address, stays whole.
  const at = last > indent ? last : line.indexOf(' ', width);
  if (at < 0) return line;
  const rest = ' '.repeat(indent) + line.slice(at).trimStart();
  return `${line.slice(0, at).trimEnd()}\n${wrap(rest, width, indent)}`;
}
