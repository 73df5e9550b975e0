/** An address without the slashes at its end. No pattern: one that looks for them begins anew at each slash. */
export function withoutTrailingSlashes(address: string): string {
  let end = address.length;
  while (end > 0 && address[end - 1] === '/') end -= 1;
  return address.slice(0, end);
}
