/** Texts of a service column with what may be shown of them without names; the views are held against the same. */
export const serviceTexts: readonly { readonly text: string; readonly isCode: boolean }[] = [
  ...['DS', 'RCI', 'LTCS', 'rs', 'H2015 HI', 'S5125-U1', 'T1019 TT/U5', '97153', 'A&B', '0'].map((text) => ({
    text,
    isCode: true,
  })),
  ...[
    'Clemence Larkspur',
    'JANE DOE',
    'DOE, JANE',
    'Smith',
    'INÉS',
    '李 小龍',
    '-2+3',
    ' DS',
    'DS.',
    'respite for Wren',
    'H2015 HI and T1019',
    'DS\nJANE',
  ].map((text) => ({ text, isCode: false })),
];
