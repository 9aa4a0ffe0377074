/** A module that makes Node.js claim another version: for `--import`, before the program. */
export function claimingVersion(version: string): string {
  const claim = `Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '${version}' } })`;
  return `data:text/javascript,${encodeURIComponent(claim)}`;
}
