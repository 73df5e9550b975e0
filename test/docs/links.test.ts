import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { filesOf, pages, project } from './pages.ts';

const images = filesOf('docs/images');

interface Link {
  readonly text: string;
  readonly target: string;
}

/** `[text](target)` and `![text](target)` outside of code. */
function linksOf(markdown: string): Link[] {
  const prose = markdown.replaceAll(/^ *```[^]*?^ *```/gm, '').replaceAll(/`[^`\n]*`/g, '');
  return Array.from(prose.matchAll(/\[([^\]]*)\]\(([^)\s]+)\)/g), ([, text, target]) => ({
    text: text!,
    target: target!,
  }));
}

/** What GitHub calls the headings of a page. */
function anchorsOf(markdown: string): Set<string> {
  const headings = markdown.replaceAll(/^ *```[^]*?^ *```/gm, '').matchAll(/^#{1,6} (.+)$/gm);
  return new Set(
    Array.from(headings, ([, heading]) =>
      heading!
        .toLowerCase()
        .replaceAll(/[^\p{Letter}\p{Number} _-]/gu, '')
        .replaceAll(' ', '-'),
    ),
  );
}

/** Undefined where the link leads somewhere; else why not. */
function brokenBecause({ target }: Link, page: string): string | undefined {
  if (/^https?:/.test(target)) return undefined;
  const [path = '', anchor] = target.split('#');
  const here = new URL(page, project);
  const goal = path === '' ? here : new URL(path, here);
  if (!existsSync(goal)) return `${target}: no such file`;
  if (anchor === undefined || anchorsOf(readFileSync(goal, 'utf8')).has(anchor)) return undefined;
  return `${target}: no such heading`;
}

describe.each(pages)('$page', ({ page, markdown }) => {
  const links = linksOf(markdown);

  test('leads only to files and headings that are there', () => {
    expect(links.flatMap((link) => brokenBecause(link, page) ?? [])).toEqual([]);
  });

  test('says in words what each picture shows', () => {
    const pictures = links.filter(({ target }) => target.endsWith('.png'));
    expect(pictures.filter(({ text }) => text.length < 10)).toEqual([]);
  });
});

test('every picture is shown on some page', () => {
  const shown = new Set(
    pages.flatMap(({ page, markdown }) =>
      linksOf(markdown).map(({ target }) => new URL(target, new URL(page, project)).href),
    ),
  );
  expect(images.filter((image) => !shown.has(new URL(image, project).href))).toEqual([]);
});

describe('the check finds what it is for', () => {
  test.each([
    { target: 'docs/nowhere.md', says: /no such file/ },
    { target: 'docs/runbook.md#nothing', says: /no such heading/ },
    { target: '#nothing', says: /no such heading/ },
  ])('$target', ({ target, says }) => {
    expect(brokenBecause({ text: '', target }, 'README.md')).toMatch(says);
  });

  test('but not what is code', () => {
    expect(linksOf('`[a](b)`\n```\n[c](d)\n```\n[e](f)')).toEqual([{ text: 'e', target: 'f' }]);
  });
});
