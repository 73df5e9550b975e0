import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { failureTypes } from '../../src/domain/failures.ts';
import { quotedCommands } from './parsing.ts';

/** docs/runbook.md, which whoever is called at night relies on. Its commands are checked in program.test.ts. */
const text = readFileSync(new URL('../../docs/runbook.md', import.meta.url), 'utf8');

/** The sections of the third level under one of the second. */
function sectionsUnder(heading: string): { title: string; body: string }[] {
  const part = text.split(/^## /m).find((each) => each.startsWith(`${heading}\n`)) ?? '';
  return part
    .split(/^### /m)
    .slice(1)
    .map((section) => {
      const [title = '', ...body] = section.split('\n');
      return { title, body: body.join('\n') };
    });
}

const failures = sectionsUnder('The failures');
const others = sectionsUnder('When nothing has failed, and something is still wrong');

test('every type of failure has one section, and no section is about anything else', () => {
  expect(failures.map(({ title }) => title)).toEqual(Object.keys(failureTypes));
});

test('a held run, a change of rules, a missing run, a paused schedule, a page not mailed, a broken chain, a figure and a run that hangs have one each', () => {
  expect(others.map(({ title }) => title)).toEqual([
    'A held run',
    'A change of rules',
    'A missing run',
    'A paused schedule',
    'A page that was not mailed',
    'A broken chain of audit events',
    'A figure is questioned',
    'A run that hangs',
  ]);
});

const questions = [
  'What it means.',
  'What has not happened.',
  'Who acts.',
  'What to do.',
  'How to see that it is over.',
];

describe.each([...failures, ...others])('$title', ({ body }) => {
  test('answers the five questions, in this order', () => {
    const answered = Array.from(body.matchAll(/^\*\*(.+?)\*\*(?: \S|\n)/gm), ([, question]) => question);
    expect(answered).toEqual(questions);
  });

  test('has commands to copy', () => {
    expect(quotedCommands(body).length).toBeGreaterThan(0);
  });
});

test('links within the page lead to its headings', () => {
  const titles = Array.from(text.matchAll(/^#{1,3} (.+)$/gm), ([, title]) =>
    title!
      .toLowerCase()
      .replaceAll(/[^a-z0-9 -]/g, '')
      .replaceAll(' ', '-'),
  );
  const anchors = new Set(titles);
  const links = Array.from(text.matchAll(/\]\(#([^)]+)\)/g), ([, anchor]) => anchor);
  expect(links.length).toBeGreaterThan(0);
  expect(links.filter((anchor) => !anchors.has(anchor!))).toEqual([]);
});

const docs = new URL('../../docs/', import.meta.url);

/** The cells of the one table under a heading of the second level, without its head. */
function tableUnder(heading: string): string[][] {
  const part = text.split(/^## /m).find((each) => each.startsWith(`${heading}\n`)) ?? '';
  const [, , ...rows] = part.split('\n').filter((line) => line.startsWith('|'));
  return rows.map((row) =>
    row
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );
}

function anchorOf(title: string): string {
  return title
    .toLowerCase()
    .replaceAll(/[^a-z -]/g, '')
    .replaceAll(' ', '-');
}

/** The section of another page that a cell links to first. */
function linkedFrom(cell: string): string {
  const [, page, anchor] = /\]\(([\w-]+\.md)#([\w-]+)\)/.exec(cell)!;
  const sections = readFileSync(new URL(page!, docs), 'utf8').split(/^## /m);
  return sections.find((section) => anchorOf(section.split('\n', 1)[0]!) === anchor) ?? '';
}

describe('every rotation', () => {
  const rotations = tableUnder('Change a password or a key');

  test('is there: both passwords and both keys', () => {
    const names = rotations.map(([what]) => /portal|database|EHR_\w+_KEY/.exec(what!)?.[0]);
    expect(names).toEqual(['portal', 'database', 'EHR_DATA_KEY', 'EHR_NAME_KEY']);
  });

  test.each(rotations)('%s: has its steps, commands and a test', (_what, steps, triedBy) => {
    const section = linkedFrom(steps);
    expect(section).toMatch(/^1\. .*[^]*^3\. /m);
    expect(quotedCommands(section).length).toBeGreaterThan(0);
    expect(triedBy).toMatch(/`test\/\S+\.ts`/);
  });
});

test.each(tableUnder('Disasters'))('when %s is lost, the steps are there', (_lost, where) => {
  expect(linkedFrom(where)).toMatch(/^1\. .*[^]*^2\. /m);
});

test('the five disasters that were tried have a measured time', () => {
  const disasters = readFileSync(new URL('disasters.md', docs), 'utf8');
  const times = disasters
    .split('\n')
    .filter((line) => line.startsWith('| ['))
    .map((line) => line.split('|').at(-2)!.trim());
  expect(times).toHaveLength(5);
  for (const time of times) expect(time).toMatch(/^(?:\d+\.\d min|at once)/);
  expect(disasters.match(/^\*Tried:\*/gm)).toHaveLength(5);
});
