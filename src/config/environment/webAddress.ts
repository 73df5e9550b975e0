/** Never quotes the address: people paste addresses with a password in them. */
export function addressMistake(text: string): string | undefined {
  if (!URL.canParse(text)) return 'no address';
  const { protocol, username, password } = new URL(text);
  if (protocol !== 'http:' && protocol !== 'https:') return `an address that begins with ${protocol}`;
  return username === '' && password === '' ? undefined : 'an address with a user or password in it';
}
