import { storedText } from './storedText.ts';

/** `" Service  Code "` is `service_code`. */
export function columnName(heading: string): string {
  return storedText(heading).replaceAll(' ', '_').toLowerCase();
}

/**
 * Words in reports' headings, besides those of the contracts. A header may be a patient's row that slid to the top, so
 * a heading is repeated only if each of its words is known, and no word here is a name.
 */
const headingWords = new Set(
  (
    'account active actual address adjusted agency amount amounts appointment approved attendance auth authorisation ' +
    'authorised authorization authorizations authorized authorizing available balance begin begins billable ' +
    'billed billing birth branch by caregiver category charge claim claims client clinician code codes comment ' +
    'comments completed consumer contract contracted cost count county create created currency cycle date dates ' +
    'days delivered department description diagnosis division dob documentation dollar dollars due duration ' +
    'effective email employee end ended ends error excluded expiration expired expires external facility file first ' +
    'flag for frequency from full funding gender group guardian hourly hours id identifier in individual insurance ' +
    'invoice last late limit line location manager medicaid medicare member method middle minutes modified ' +
    'modifier month name no note notes npi number numbers of office on ordering organization paid participant ' +
    'patient pay payer payment pending percent percentage period phone place plan position primary prior ' +
    'procedure process processed professional program provider qp qualified quantity record reference region ' +
    'rejected remaining rendering report requested required reviewed role row schedule scheduled secondary ' +
    'sequence service services session shift sign signature signed site size source ssn staff start started ' +
    'starts state status submitted supervisor supervising team text time timestamp title to total totals type unbilled ' +
    'unit units unsigned updated used user utilization utilized valid value variance verified version visit week ' +
    'worked year zip'
  ).split(' '),
);

/** No report has a heading with more words; longer text is something else. */
const mostWords = 8;

/** The heading as a normalised name, or its position, counted from 1, in case the text identifies a person. */
export function displayHeading(name: string, column: number): string {
  const words = name.split(/[_/.()#:-]+/).filter((word) => word !== '');
  const isKnown = words.length <= mostWords && words.every((word) => headingWords.has(word));
  return isKnown && words.length > 0 ? name : `column ${String(column)}`;
}
