// Why the file can't be used that an application proves itself with.
import { type ErrorCode, type Explanation, explain, type Fix } from '../codes.ts';
import { allow } from '../http/permission.ts';
import { chainOf } from './azure-identity-error.ts';
import { redact } from './redact.ts';

/** The file that holds the proof, and what to do if it cannot be used. */
export interface ProofFile {
  readonly variable: string;
  readonly path: string;
  readonly fix: readonly Fix[];
  /** Where it is there, and this process may not read it. */
  readonly denied: readonly Fix[];
}

interface FileContext {
  /** What `@azure/identity` threw. */
  readonly error: unknown;
  /** What no message may repeat. */
  readonly secrets: readonly string[];
  /** False where the value in the file's variable may be a secret. */
  readonly isPathShown: boolean;
}

/** What is said of anything else than a file, before `@azure/identity` would open it. */
const notRegular = 'not a regular file';

/** The file could not be opened or read, or is empty. `@azure/identity` wraps some of these errors. */
export function isAboutFile(error: unknown): boolean {
  return chainOf(error).some((each) => readErrorCode(each) !== undefined || isEmptyFile(each));
}

/** Not every `read`: that is also the system call of a connection that is cut. */
function readErrorCode(error: Error): string | undefined {
  const { syscall, code, permission } = error as NodeJS.ErrnoException & { readonly permission?: unknown };
  return syscall === 'open' || code === 'EISDIR' || permission === 'FileSystemRead' ? code : undefined;
}

function isEmptyFile({ message }: Error): boolean {
  return message.includes('No content on the file');
}

/** Explains why it can't be used; the path is shown only where it is one. */
export function unusableFile({ error, secrets, isPathShown }: FileContext, file: ProofFile): Explanation<ErrorCode> {
  const { variable, path } = file;
  const chain = chainOf(error);
  const code = chain.map(readErrorCode).find((each) => each !== undefined);
  const unusable = chain.some(isEmptyFile)
    ? 'is empty'
    : `cannot be used (${redact(String(chain[0]?.message), { secrets })})`;
  const happened = `The file that ${variable} names ${code === undefined ? unusable : `could not be read (${code})`}`;
  const value = isPathShown
    ? `: ${path}.`
    : `. Its value (${path.length} characters) is not shown, because it may not be a path.`;
  const kind = code ?? (chain[0]?.message === notRegular ? 'EISDIR' : undefined);
  return explain('ERR_FILE_UNREADABLE', happened + value, { fix: fixOfFile(kind, file) });
}

/** https://nodejs.org/api/errors.html#common-system-errors */
function fixOfFile(code: string | undefined, { path, fix, denied }: ProofFile): readonly Fix[] {
  const isRelative = /^[\w.-]+[\\/]|\.\w{2,4}$/.test(path) && !/^([/\\~]|[a-z]:)/i.test(path);
  const started = { text: 'A relative path begins at the folder in which the program was started.' };
  switch (code) {
    case 'ERR_ACCESS_DENIED':
      return allow('FileSystemRead');
    case 'EACCES':
    case 'EPERM':
      return denied;
    case 'EISDIR':
      return [{ text: 'It is a folder, a pipe or a device. Name a regular file, such as the one in the folder.' }];
    case 'ENOENT':
    case 'ENOTDIR':
      return isRelative ? [started, ...fix] : fix;
    default:
      return fix;
  }
}
