/** 0x80 to 0x9F; the five bytes without a character are read as the control characters of that number. */
const high =
  '€\u0081‚ƒ„…†‡ˆ‰Š‹Œ\u008dŽ\u008f' + // 0x80
  '\u0090‘’“”•–—˜™š›œ\u009džŸ'; // 0x90

/** The bytes read as Windows-1252. Node's own decoder of that name reads Latin-1. */
export function readAsWindows1252(bytes: Buffer): string {
  return bytes.toString('latin1').replaceAll(/[\u0080-\u009f]/g, (byte) => high[byte.charCodeAt(0) - 0x80]!);
}
