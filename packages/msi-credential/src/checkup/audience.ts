import type { Diagnostics } from '../types.ts';

/** What to say where a token is for another host than the one that was asked for. An audience may be an id as well. */
export function doubtfulAudience({ principal, token }: Diagnostics): string | undefined {
  const asked = hostOf(token?.resource);
  const found = (principal?.audience ?? '').split(', ').map(hostOf);
  const others = found.filter((host) => host !== undefined && host !== asked);
  if (asked === undefined || others.length < found.length) return undefined;
  return `the token is for ${others.join(' and ')}, not for ${asked}, which was asked for. The vault will refuse it (aud).`;
}

function hostOf(text: string | undefined): string | undefined {
  return text !== undefined && URL.canParse(text) ? new URL(text).hostname || undefined : undefined;
}
