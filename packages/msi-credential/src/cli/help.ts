import { type CommandName, commandNames, type Flag, flagRows, hasFlag } from './flags.ts';
import { hang } from './terminal.ts';

interface Page {
  /** The command in one line, for the list of commands. */
  readonly summary: string;
  readonly about: string;
  readonly examples: readonly string[];
}

const pages: Readonly<Record<CommandName, Page>> = {
  explain: {
    summary: 'show which identity would be used and why, offline',
    about:
      'Shows what getKeyVaultCredential() would choose in this environment and why. Sends nothing and prints no secret. Ends with 2 if nothing can be chosen.',
    examples: ['npx msi-credential explain', 'npx msi-credential explain --source service-principal --json'],
  },
  doctor: {
    summary: 'get a token, go to the vault step by step, and show what to fix',
    about:
      'Checks environment, choice, token and principal; then the way to the vault, its tenant, your permission and the secret. Stops at the first thing to fix and says how. With --scope: the token of another service, and whose it is. Prints no secret and no token.',
    examples: [
      'npx msi-credential doctor --secret NAME',
      'npx msi-credential doctor --scope https://storage.azure.com/.default',
      'npx msi-credential doctor --vault-url https://VAULT.vault.azure.net',
    ],
  },
  token: {
    summary: 'print a token, or its claims',
    about:
      'Prints an access token. Whoever has it can act as this identity until it expires. With --decode it prints the claims only.',
    examples: [
      'npx msi-credential token --decode',
      'npx msi-credential token --scope https://management.azure.com/.default',
    ],
  },
};

const exits = '0 fine, 1 unexpected, 2 misconfigured, 3 unreachable, 4 refused, 64 wrong use';

/** The help of a command, else that of all. No line is wider than 79 columns, nor than the terminal. */
export function helpText(topic: string | undefined, terminalWidth = 79): string {
  const width = Math.min(terminalWidth, 79);
  const name = commandNames.find((each) => each === topic);
  const parts = name ? commandHelp(name, width) : generalHelp(width);
  return [...parts, hang('Exit codes: ', exits, width)].join('\n\n');
}

function commandHelp(name: CommandName, width: number): readonly string[] {
  const { about, examples } = pages[name];
  const own = flagRows.filter(([, flag]) => hasFlag(name, flag));
  return [`msi-credential ${name} [options]`, hang('', about, width), options(own, width), exampleLines(examples)];
}

function generalHelp(width: number): readonly string[] {
  const commands = commandNames.map((name) => hang(`  ${name.padEnd(9)}`, pages[name].summary, width));
  const shared = flagRows.filter(([, { commands }]) => commands === undefined);
  return [
    hang('msi-credential: ', 'which Azure identity this process has, why, and what to fix', width),
    ['Commands (each has more with --help):', ...commands].join('\n'),
    options(shared, width),
    exampleLines(commandNames.map((name) => pages[name].examples.at(-1) ?? '')),
  ];
}

/** Commands are there to be copied: they are never broken. */
function exampleLines(examples: readonly string[]): string {
  return ['Examples:', ...examples.map((each) => `  ${each}`)].join('\n');
}

function options(rows: readonly (readonly [string, Flag])[], width: number): string {
  const lines = rows.map(([name, { short, value, help, option }]) => {
    const label = `  ${short ? `-${short}, ` : ''}--${name}${value ? ` ${value}` : ''}`;
    // Messages speak of options. Most are the flag's name in other letters.
    const called = option && option !== camelCase(name) ? ` (in messages: the option ${option})` : '';
    return hang(label.padEnd(24), help + called, width);
  });
  return ['Options:', ...lines].join('\n');
}

function camelCase(name: string): string {
  return name.replace(/-(.)/g, (_, letter: string) => letter.toUpperCase());
}
