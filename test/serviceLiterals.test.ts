import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';

const files = readdirSync('src', { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile())
  .map((entry) => path.join(entry.parentPath, entry.name));

test.each<{ title: string; literal: RegExp; stands: readonly string[] }>([
  {
    title: 'service is respite, only pipeline.yaml',
    literal: /\bRCI\b/,
    // Installations have run them, so they stay; later ones put other views in the place of theirs.
    stands: ['src/warehouse/migrations/0004_views.sql', 'src/warehouse/migrations/0009_views.sql'],
  },
  {
    title: 'authorizations the supervisor rule moves to whom, only the definition of their report',
    literal: /\b(?:DS|PARTNERS|LINCS)\b/,
    stands: [
      // What its settings are called and asked for.
      'src/cli/commands/setupCommands.ts',
      'src/cli/initQuestions.ts',
      'src/config/pipeline/services.ts',
      'src/reports/utilization.ts',
    ],
  },
])('no code and no SQL in force knows which $title', ({ literal, stands }) => {
  expect(files.length).toBeGreaterThan(250);
  expect(files.filter((file) => literal.test(readFileSync(file, 'utf8'))).toSorted()).toEqual(stands);
});
