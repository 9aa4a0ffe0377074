/** A step in words, as a command to copy, or both. */
export interface Step {
  readonly text?: string;
  readonly command?: string;
}

const tool = '(?:az|azd|npm|npx|curl|nslookup|dig|getent|timedatectl)';

/** How an explanation carries a command that stands for itself: alone, after a colon at its end, or in parentheses. */
const shapes = [
  new RegExp(`^(?<before>)(?<command>${tool} .+)$`),
  new RegExp(`^(?<before>.*?):(?<after>) \`?(?<command>${tool} [^\`]+)\`?$`),
  // Options only, lest a sentence in parentheses that begins with a command is taken for one.
  /^(?<before>.*?) \((?<command>az(?: [a-z-]+)+(?: --?[a-z-]+ [^\s()]+)*)\)(?<after>.*)$/,
];

/** Words that go on behind the command: there the sentence is left alone. */
const goesOn = /; | \((?!\))| (?:shows?|lists?) (?:it|them)$|, (?:then|or) /;

/** Takes a fix apart, so that its command can be copied without the words around it; loses none of either. */
export function stepOf(fix: string): Step {
  for (const shape of shapes) {
    const { before = '', command, after = '' } = shape.exec(fix)?.groups ?? {};
    if (command === undefined || goesOn.test(command)) continue;
    const text = before + after;
    return { ...(text && { text: /[.:]$/.test(text) ? text : `${text}:` }), command };
  }
  return { text: fix };
}
