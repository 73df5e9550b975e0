import type { TriedStep, TryStop } from '../../portal/tryRecipe.ts';

/** More lines of a page than this are no help on a terminal; the evidence has them all. */
const outlineLines = 150;
const nameWidth = 40;

/** `report    run the report                           0.4 s  button "Run Report"` */
export function stepLine({ section, name, outcome, seconds, found }: TriedStep): string {
  const time = `${seconds.toFixed(1)} s`.padStart(8);
  const what = outcome === 'done' ? found : `(${outcome === 'not there' ? 'not there' : 'not wanted here'})`;
  return `${section.padEnd(8)}  ${name.padEnd(nameWidth)} ${time}  ${what}`.trimEnd();
}

export function stopWords(stop: TryStop): string {
  const { section, name, type, message, hint, nearest, outline, evidence } = stop;
  const shown = outline.slice(0, outlineLines);
  const more = outline.length - shown.length;
  return [
    '',
    `STOPPED at ${section} "${name}": ${type}: ${message}`,
    ...(nearest.length === 0 ? [] : [`Did you mean ${nearest.join(', ')}?`]),
    `→ ${hint}`,
    '',
    'The page offers:',
    ...shown.map((line) => `  ${line}`),
    ...(more > 0 ? [`  … and ${String(more)} more lines`] : []),
    `Evidence: ${evidence}`,
  ].join('\n');
}
