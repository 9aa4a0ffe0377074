/**
 * A program's output without what colours it and moves the cursor.
 * https://ecma-international.org/publications-and-standards/standards/ecma-48/
 */
export function withoutColours(output: string): string {
  return output.replace(/(?:\p{Cc}\[|\u009B)[\d;?]{0,20}[A-Za-z]/gu, '');
}

/** One line of text that no terminal takes for a command or for text of another direction. */
export function printable(text: string): string {
  return withoutColours(text.replace(/\s+/g, ' ')).replace(/[\p{Cc}\p{Bidi_Control}]/gu, '');
}
