/** One line of text that no terminal takes for a command or for text of another direction. */
export function printable(text: string): string {
  return text.replace(/\s+/g, ' ').replace(/(?:\p{Cc}\[|\u009B)[\d;]{0,20}[A-Za-z]|[\p{Cc}\p{Bidi_Control}]/gu, '');
}
