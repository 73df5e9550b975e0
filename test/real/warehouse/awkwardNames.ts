/** Names that a step on the way could change without a word. */
export const awkwardNames = [
  'NÚÑEZ, PERCY',
  'NUNEZ, PERCY',
  'nunez, percy',
  "D'ARCY, INÉS",
  'O"NEIL, "BUZZ"',
  'TAB\tBED, ANNE',
  'LINE\nFEED, BO\r\nB',
  'BACK\\SLASH, \\N',
  '\\N',
  'NUL\0BYTE, EVE',
  'CTRL\u001aZ, ZED',
  '🦊 FOX, RENÉ',
  'LINE\u2028SEP, UMA',
  "'; DROP TABLE notes; --",
  '李, 明',
];
