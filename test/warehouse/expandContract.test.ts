import { readFileSync } from 'node:fs';
import { readMigrationFiles } from 'drizzle-orm/migrator';
import { expect, test } from 'vitest';

/**
 * Workers of the previous version go on while the tables are already new. So a migration only adds what they can
 * ignore (expand); what they use goes away a release later (contract), in a migration that says which release
 * stopped using it: `-- contract of 0.2.0: nothing reads notes_summary.unsigned any more`.
 */
const marked = /^-- contract of (\d+\.\d+\.\d+): \S+/m;

const migrationsFolder = 'src/warehouse/migrations';
/** The two before it were made before anybody had tables. */
const firstBound = '0002_versions_and_decisions';

const contracting: readonly (readonly [what: string, pattern: RegExp])[] = [
  ['takes something away', /\bDROP\s+(?!VIEW\b|PREPARE\b)\S/i],
  ['renames something', /\bRENAME\b/i],
  ['changes a column', /\b(MODIFY|CHANGE)\b/i],
  [
    'forbids values that were allowed',
    /\b(ADD\s+(CONSTRAINT|UNIQUE|PRIMARY|FOREIGN|CHECK)|CREATE\s+UNIQUE|SET\s+NOT\s+NULL)\b/i,
  ],
  ['takes rows away', /\b(TRUNCATE|DELETE\s+FROM)\b/i],
];
const newTableOrView = /^\s*CREATE\s+(TABLE|(OR\s+REPLACE\s+)?((ALGORITHM|DEFINER|SQL)\b[^(]*?)?VIEW)\b/i;

/** What the previous version could not live with. */
function contractions(sql: string): string[] {
  const statements = sql
    .replaceAll(/^\s*--(?!>).*$/gm, '')
    .split(/--> statement-breakpoint|;\s*$/m)
    .filter((statement) => !newTableOrView.test(statement));
  return [
    ...statements.flatMap(contractionsOf),
    ...droppedViews(sql).map((view) => `takes the view ${view} away`),
  ];
}

function contractionsOf(statement: string): string[] {
  const found = contracting.filter(([, pattern]) => pattern.test(statement)).map(([what]) => what);
  return requiresNewColumn(statement) ? [...found, 'adds a column that must be given'] : found;
}

function requiresNewColumn(statement: string): boolean {
  const added = statement.split(/\bADD\b/i).slice(1);
  return added.some(
    (column) => /\bNOT\s+NULL\b/i.test(column) && !/\b(DEFAULT|AUTO_INCREMENT)\b/i.test(column),
  );
}

function droppedViews(sql: string): string[] {
  const names = Array.from(
    sql.matchAll(/\bDROP\s+VIEW\s+(?:IF\s+EXISTS\s+)?`?(\w+)`?/gi),
    ([, name]) => name!,
  );
  return names.filter(
    (name) => !new RegExp(`\\bVIEW\\s+\`?${name}\`?\\s`, 'i').test(sql.replaceAll(/\bDROP\s+VIEW.*/gi, '')),
  );
}

test.each([
  ['ALTER TABLE `t` ADD `a` int;', []],
  ["ALTER TABLE `t` ADD `a` int NOT NULL DEFAULT 0, ADD `b` varchar(9) DEFAULT 'x' NOT NULL;", []],
  ['ALTER TABLE `t` ADD `a` int DEFAULT 0,\n\tADD `b` int NOT NULL;', ['adds a column that must be given']],
  [
    "SET @s = IF(1, 'DO 0', 'ALTER TABLE `t` ADD COLUMN `a` int NOT NULL');",
    ['adds a column that must be given'],
  ],
  ['ALTER TABLE `t` DROP COLUMN `a`;', ['takes something away']],
  ['ALTER TABLE `t` DROP `a`;', ['takes something away']],
  ['DROP TABLE `t`;', ['takes something away']],
  ['alter table t rename column a to b;', ['renames something']],
  ['RENAME TABLE a TO b;', ['renames something']],
  ['ALTER TABLE `t` MODIFY COLUMN `a` int NOT NULL;', ['changes a column']],
  ['ALTER TABLE `t` CHANGE `a` `b` int;', ['changes a column']],
  ['ALTER TABLE `t` ADD UNIQUE (`a`);', ['forbids values that were allowed']],
  ['CREATE UNIQUE INDEX `i` ON `t` (`a`);', ['forbids values that were allowed']],
  ['CREATE INDEX `i` ON `t` (`a`);', []],
  ['CREATE TABLE `t` (`a` int NOT NULL, CONSTRAINT `t_pk` PRIMARY KEY(`a`));', []],
  ['CREATE OR REPLACE SQL SECURITY DEFINER VIEW v AS SELECT a AS `change` FROM t;', []],
  ['DROP VIEW IF EXISTS v;\n--> statement-breakpoint\nCREATE VIEW v AS SELECT 1 AS one;', []],
  ['DROP VIEW v;', ['takes the view v away']],
  ['DELETE FROM t;', ['takes rows away']],
  ['-- DROP TABLE t\nUPDATE t SET a = 1 WHERE a IS NULL;', []],
])('%s', (sql, found) => {
  expect(contractions(sql)).toEqual(found);
});

const journal = JSON.parse(readFileSync(`${migrationsFolder}/meta/_journal.json`, 'utf8')) as {
  readonly entries: readonly { readonly tag: string }[];
};
const bound = journal.entries.map(({ tag }) => tag).filter((tag) => tag >= firstBound);

test('every migration is looked at', () => {
  expect(bound.length).toBe(readMigrationFiles({ migrationsFolder }).length - 2);
});

test.each(bound)('%s leaves workers of the previous version working', (tag) => {
  const sql = readFileSync(`${migrationsFolder}/${tag}.sql`, 'utf8');
  expect(objections(sql, releases())).toEqual([]);
});

test('a contract names a release that is out', () => {
  const drop = 'ALTER TABLE `t` DROP COLUMN `a`;';
  const contract = `-- contract of 0.1.0: nothing reads t.a any more\n${drop}`;
  expect(objections(contract, ['0.1.0'])).toEqual([]);
  expect(objections(contract, [])).toEqual(['0.1.0 is not released']);
  expect(objections(drop, ['0.1.0'])).toEqual(['takes something away']);
});

function objections(sql: string, released: readonly string[]): string[] {
  const release = marked.exec(sql)?.[1];
  if (release === undefined) return contractions(sql);
  return released.includes(release) ? [] : [`${release} is not released`];
}

/** Those that CHANGELOG gives a day. */
function releases(): string[] {
  const changelog = readFileSync('CHANGELOG.md', 'utf8');
  return Array.from(changelog.matchAll(/^## (\d+\.\d+\.\d+)(?!.*Unreleased)/gim), ([, version]) => version!);
}
