/** Never quotes the address: people paste addresses with a password in them. */
export function addressMistake(text: string): string | undefined {
  if (!URL.canParse(text)) return 'no address';
  const { protocol, username, password } = new URL(text);
  if (protocol !== 'http:' && protocol !== 'https:') return `an address that begins with ${protocol}`;
  return username === '' && password === '' ? undefined : 'an address with a user or password in it';
}

/** What is wrong with the user and password in an address; undefined if nothing is. Never quotes them. */
export function loginMistake({ username, password }: URL): string | undefined {
  for (const [what, text] of Object.entries({ user: username, password })) {
    try {
      decodeURIComponent(text);
    } catch {
      return `an address with a % in the ${what} that is not followed by two hex digits (write % itself as %25)`;
    }
  }
  return undefined;
}
