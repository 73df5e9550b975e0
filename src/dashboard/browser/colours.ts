/** Each at least 4.5:1 on its ground, and told apart by pattern and words besides. */
const light = {
  main: '#1d5b94',
  onTime: '#1b7340',
  late: '#a65a00',
  unbillable: '#b3261e',
  ink: '#1c2733',
  quiet: '#51606f',
  line: '#d5dce3',
  track: '#dfe5eb',
  ground: '#ffffff',
} as const;

export type Colour = keyof typeof light;

const dark: Readonly<Record<Colour, string>> = {
  main: '#7db4ea',
  onTime: '#5cc48a',
  late: '#e8a25a',
  unbillable: '#ff8f86',
  ink: '#e6ebf0',
  quiet: '#a9b5c1',
  line: '#36424e',
  track: '#36424e',
  ground: '#1a222b',
};

/** Not of paper: dashboard.css has the same condition. */
export const darkScreen = matchMedia('screen and (prefers-color-scheme: dark)');
let onPaper = false;

/** Whether that changes any colour. */
export function setPaper(isPaper: boolean): boolean {
  onPaper = isPaper;
  return darkScreen.matches;
}

/** As pictures are drawn now. */
export function colours(): Readonly<Record<Colour, string>> {
  return darkScreen.matches && !onPaper ? dark : light;
}
