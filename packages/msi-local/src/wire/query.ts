/** The first parameter that appears more than once; services that hand out tokens refuse such a request. */
export function repeatedName(query: URLSearchParams): string | undefined {
  return [...query.keys()].find((name, index, names) => names.indexOf(name) !== index);
}
