import { readdirSync, readFileSync } from 'node:fs';
import { expect, expectTypeOf, test } from 'vitest';
import { createActivities } from '../../src/activities/interceptors/createActivities.ts';
import { activityInputs, type ActivitiesOf } from '../../src/activities/index.ts';
import type { Ports } from '../../src/ports.ts';

const folder = new URL('../../src/activities/', import.meta.url);

function sourceOf(file: string): string {
  return readFileSync(new URL(file, folder), 'utf8');
}

/** What the files of the folder make of ports: `createPlanRun` makes `planRun`. */
const made = readdirSync(folder)
  .filter((file) => file.endsWith('.ts') && file !== 'index.ts')
  .flatMap((file) => Array.from(sourceOf(file).matchAll(/^export function create(\w)(\w*)\(/gm)))
  .map(([, first, rest]) => `${first!.toLowerCase()}${rest!}`)
  .sort();

const ports = { alerts: {}, artifacts: {} } as Ports;

test('every activity that a file makes stands in one class of time limits', () => {
  expect(made.length).toBeGreaterThan(15);
  const declared = Array.from(sourceOf('index.ts').matchAll(/^ {4}(\w+): activity\(/gm), (line) => line[1]!);
  expect(declared.sort()).toEqual(made);
});

test('a worker registers each under its name, one of them at the portal, and checks what each takes', () => {
  const pipeline = createActivities('pipeline', ports);
  const portal = createActivities('portal', ports);
  for (const [name, activity] of Object.entries({ ...pipeline, ...portal })) expect(activity.name).toBe(name);
  expect(Object.keys(portal)).toEqual(['loginAndDownload']);
  expect([...Object.keys(pipeline), ...Object.keys(portal)].sort()).toEqual(made);
  expect(Object.keys(activityInputs).sort()).toEqual(made);
});

test('workflows can call those of a class, and no other', () => {
  expectTypeOf<keyof ActivitiesOf<'warehouse'>>().toEqualTypeOf<'load' | 'assess'>();
  expectTypeOf<ActivitiesOf<'transform'>>().not.toHaveProperty('planRun');
});
