/** A module that makes Node.js claim another version: for `--import`, before the program. */
export function claimingVersion(version: string): string {
  const claim = `Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '${version}' } })`;
  return `data:text/javascript,${encodeURIComponent(claim)}`;
}

/** Releases on which our packages say that they need a newer one: the last of old lines, and the last before the floor. */
export const tooOld = ['18.20.8', '20.19.0', '22.20.0', '24.4.1'] as const;
