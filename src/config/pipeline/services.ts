import { z } from 'zod';
import { foldCode } from '../../domain/rules.ts';
import { plainServiceCode } from '../../domain/serviceCodes.ts';
import type { SeeAlso } from '../checkedYaml.ts';
import { section, text, exportText, yesNo } from './kinds.ts';

/** The length of the tables' name columns, VARCHAR(160). */
const nameLimit = 160;

const effectiveDate = /\(\d{1,2}\/\d{1,2}\/\d{4}\)/;
const wantedCode = 'a service code without its effective date, as text (in quotes if it looks like a number)';

const serviceCode = exportText(wantedCode).refine((code) => !effectiveDate.test(code), { error: wantedCode });

const wantedGroup = 'a group number from 1 to 9 (0 is kept for services that no group names)';

const markedService = section({
  code: serviceCode,
  respite: yesNo.describe(
    'Whether the service is respite, which dashboards can hide. Once one service says so, true or false, all others are not.',
  ),
});

/** The code alone, or with further facts about the service. */
const service = z.union([serviceCode, markedService], { error: wantedCode });

const group = section({
  name: text('the name that dashboards show').describe('What dashboards call the group.'),
  services: z
    .array(service, { error: 'a list of service codes' })
    .min(1, { error: 'at least one service code' })
    .describe('Service codes, compared whole and ignoring case. Each may be in one group only.'),
});

export const groups = z
  .record(z.string().regex(/^[1-9]$/), group, {
    error: (issue) => (issue.code === 'invalid_key' ? wantedGroup : 'a mapping of group numbers, 1 to 9'),
  })
  .superRefine((given, context) => {
    const codes = Object.entries(given).flatMap(([number, { services }]) =>
      services.map((each, index) => ({
        code: codeOf(each),
        place: `group ${number}`,
        path: [number, 'services', index],
      })),
    );
    reportDoubles(codes, context, ['groups']);
  })
  .describe('The groups that dashboards show services by.');

export function codeOf(given: z.output<typeof service>): string {
  return typeof given === 'string' ? given : given.code;
}

export const excludedServices = z
  .array(serviceCode, { error: 'a list of service codes, [] for none' })
  .superRefine((given, context) => {
    const codes = given.map((code, index) => ({ code, place: 'this list', path: [index] }));
    reportDoubles(codes, context, ['excludedServices']);
  })
  .describe('Services whose rows are left out and counted. Compared whole and ignoring case; [] for none.');

interface PlacedCode {
  readonly code: string;
  readonly place: string;
  readonly path: (string | number)[];
}

function reportDoubles(codes: readonly PlacedCode[], context: z.RefinementCtx, parent: string[]): void {
  const first = new Map<string, PlacedCode>();
  for (const placed of codes) {
    const code = foldCode(plainServiceCode(placed.code));
    const earlier = first.get(code);
    if (earlier === undefined) {
      first.set(code, placed);
      continue;
    }
    const places =
      earlier.place === placed.place
        ? `twice in ${placed.place}`
        : `in ${placed.place} and in ${earlier.place}`;
    context.addIssue({
      code: 'custom',
      path: placed.path,
      message: `this service code is ${places}; keep one`,
      params: { seeAlso: [...parent, ...earlier.path] } satisfies SeeAlso,
    });
  }
}

export const supervisors = section({
  lincsQp: exportText('the name of a QP as the portal exports it, LAST, FIRST', nameLimit).describe(
    'The QP that DS authorizations count for which PARTNERS does not pay.',
  ),
  deepCreekQp: exportText('the name of a QP as the portal exports it, LAST, FIRST', nameLimit).describe(
    'The QP who keeps those authorizations that name this person.',
  ),
});
