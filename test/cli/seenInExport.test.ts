import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { seenInExport } from '../../src/cli/seenInExport.ts';
import type { Rules } from '../../src/domain/rules.ts';
import { unmatchedRules } from '../../src/domain/unmatchedRules.ts';
import { PipelineSteps, type StepsMade } from '../mutations/pipelineSteps.ts';
import { readRules } from '../mutations/rules.ts';

const excludedServices = ['H2015', 'Transport', 'T9999'];
const lines = [
  'Client,Caregiver,Client Supervisor,Service Code,Date of Service,Staff Sign Date,Days To Sign',
  '"DOE, JANE","ROE, RICHARD",,CLS,10/02/2026,10/03/2026,1',
  '"DOE, JANE","ROE, RICHARD",,h2015 (7/1/2026),10/02/2026,10/03/2026,1',
  // A code of the list in a row that is not left out, but put aside: it has a cell too few.
  '"DOE, JANE","ROE, RICHARD",,T9999,10/02/2026,10/03/2026',
  // Quotes and a line break before it: the lines of the file are counted, not the records.
  '"DOE, ""JANE""\nANN","ROE, RICHARD",, TRANSPORT ,10/02/2026,10/03/2026,1',
];

let root: string;
let made: StepsMade;
beforeAll(async () => {
  root = await mkdtemp(path.join(tmpdir(), 'ehr-seen-'));
  vi.stubEnv('EHR_ARTIFACTS', path.join(root, 'artifacts'));
  const steps = new PipelineSteps(root, 'an invented key for the tests, 0123456789');
  const base = {
    report: 'notes',
    from: '2026-10-01',
    to: '2026-10-15',
    excludedServices,
    bytes: '',
  } as const;
  const outcome = await steps.process(Buffer.from(`${lines.join('\r\n')}\r\n`), base);
  if (outcome.kind === 'failed') throw outcome.failure;
  ({ made } = outcome);
});
afterAll(async () => {
  vi.unstubAllEnvs();
  await rm(root, { recursive: true });
});

function withAliases(aliases: Readonly<Record<string, string>>): Rules {
  const rules = readRules(excludedServices);
  const columnAliases = { ...rules.columnAliases, notes: new Map(Object.entries(aliases)) };
  return { ...rules, groups: new Map([['CLS', 3]]), columnAliases };
}

test('a preview names each code that leaves out no row, and each heading that the export does not have', async () => {
  const rules = withAliases({ signed_on: 'staff_sign_date', caregiver: 'caregiver' });
  const seen = await seenInExport('notes', { made }, rules);
  expect(seen.excluded).toBe(2);
  expect(unmatchedRules(rules, [seen])).toEqual([
    'excludedServices: T9999',
    'reports.notes.columnAliases.staff_sign_date: signed_on',
  ]);
});

test('it says nothing of a file that its own rules do not understand', async () => {
  const rules = withAliases({ caregiver: 'client_supervisor' });
  const seen = await seenInExport('notes', { made }, rules);
  expect(seen).not.toHaveProperty('headings');
  expect(seen).not.toHaveProperty('excludedCodes');
  expect(unmatchedRules(rules, [seen])).toEqual([]);
});
