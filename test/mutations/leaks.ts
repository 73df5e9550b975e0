import type { ApplicationFailure } from '@temporalio/common';

/** All of a failure that Temporal would keep. */
function keptOf(failure: ApplicationFailure): string {
  const cause = failure.cause as ApplicationFailure | undefined;
  return [failure.message, JSON.stringify(failure.details), failure.stack, cause?.message, cause?.stack].join(
    '\n',
  );
}

/** What headings are made of: it tells nothing of a person. */
const headings = (
  'client caregiver client_supervisor qp authorizing_payer service_code authorization_number start_date end_date ' +
  'date_of_service staff_sign_date days_to_sign authorized_units in_process_units billed_units ' +
  'authorized_dollars in_process_dollars billed_dollars variance_billed total_amount customer client_name location'
).split(' ');

// Shorter texts are found in any message by chance.
const shortest = 5;

/** The first cell of the file that a failure repeats, or undefined. */
export function cellToldBy(failure: ApplicationFailure, bytes: Buffer): string | undefined {
  return cellIn(keptOf(failure), bytes);
}

/** The same of what steps hand to each other; their counts and totals may well be equal to a cell. */
export function wordToldBy(handedOn: unknown, bytes: Buffer): string | undefined {
  return cellIn(JSON.stringify(handedOn).replaceAll(/\d/g, ''), bytes);
}

/** Periods and headings are no cells. */
function cellIn(kept: string, bytes: Buffer): string | undefined {
  const told = kept.replaceAll(/\d{4}-\d\d-\d\d\.\.\d{4}-\d\d-\d\d/g, '');
  const pieces = new Set(
    bytes
      .subarray(0, 100_000)
      .toString('utf8')
      .split(/[,;|\t\r\n"]+/),
  );
  for (const piece of pieces) {
    const cell = piece.trim();
    if (cell.length >= shortest && tells(told, cell) && !isHeading(cell)) return cell;
  }
  return undefined;
}

/** Standing by itself: `Trans` in `Transform` is no cell. */
function tells(told: string, cell: string): boolean {
  for (let at = told.indexOf(cell); at !== -1; at = told.indexOf(cell, at + 1)) {
    const around = [told[at - 1], told[at + cell.length]];
    if (!around.some((character) => /[\p{L}\d]/u.test(character ?? ''))) return true;
  }
  return false;
}

/** A heading, or a part of one, as is left where a file is cut; or a word of a setting. */
function isHeading(cell: string): boolean {
  // No line of totals and no such word is of a person, and both belong into a setting.
  if (/^(?:(?:(?:grand|report|overall|sub)[ -]?)?totals?|not signed)$/i.test(cell)) return true;
  const name = cell.toLowerCase().replaceAll(/[^a-z]+/g, '_');
  return headings.some((heading) => heading.includes(name));
}
