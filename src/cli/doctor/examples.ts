import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { PipelineConfig, PortalSettings, unnamedPlaces } from '../../config.ts';
import { isLoopback } from '../../domain/loopback.ts';
import { note, type Verdict } from './examination.ts';

/** Settings left over from the example and the demo, or in force because none was made. */

/** The default folders for rules and run files. */
export function placeVerdicts({ config, artifacts }: ReturnType<typeof unnamedPlaces>): Verdict[] {
  return [
    ...(config === undefined
      ? []
      : [
          note(
            `EHR_CONFIG is not set: the rules in force are those of ${config}, which updates of the program replace`,
            'Copy the folder config to a place of your own, and set EHR_CONFIG to the pipeline.yaml there, for all workers and clients.',
          ),
        ]),
    ...(artifacts === undefined
      ? []
      : [
          note(
            `EHR_ARTIFACTS is not set: files of runs, which hold patient data, lie in ${artifacts}`,
            'Set EHR_ARTIFACTS to a folder outside of the program that every worker reaches; move the files of this one there.',
          ),
        ]),
  ];
}

export interface RecipeName {
  readonly file: string;
  /** The portal's name in the recipe; undefined if it has none. */
  readonly portal: string | undefined;
}

/** Longer than any recipe's text before that line. */
const longestHead = 100_000;

/** Undefined if the recipe cannot be read: the walk reports that. */
export async function recipeName(file: string): Promise<RecipeName | undefined> {
  try {
    const text = (await readFile(file, 'utf8')).slice(0, longestHead);
    return { file, portal: /^portal:[ \t]{1,20}['"]?(\w{1,100})/m.exec(text)?.[1] };
  } catch {
    return undefined;
  }
}

/** The stand-in portal's account, which the documentation publishes. */
const standIn = { user: 'reports.bot', password: 'demo-Passw0rd!' };

/** Settings that belong to the stand-in portal, if another portal is configured. */
export function standInVerdicts(
  { url, user, password }: Pick<PortalSettings, 'url' | 'user' | 'password'>,
  recipe: RecipeName | undefined,
): Verdict[] {
  const { hostname, origin } = new URL(url);
  if (isLoopback(hostname)) return [];
  const isDemo =
    recipe !== undefined && (recipe.portal === 'demo' || path.basename(recipe.file) === 'demo.yaml');
  const account = [
    ...(user === standIn.user ? ['EHR_PORTAL_USER'] : []),
    ...(password === standIn.password ? ['EHR_PORTAL_PASSWORD'] : []),
  ];
  return [
    ...(isDemo
      ? [
          note(
            `the recipe ${recipe.file} is the one of the demo's stand-in portal, and EHR_PORTAL_URL is ${origin}`,
            "Write a recipe for that portal (docs/recipes.md), under a name of its own, and name it in portal.recipe of pipeline.yaml; leave it where that address is the stand-in's.",
          ),
        ]
      : []),
    ...(account.length > 0
      ? [
          note(
            `${account.join(' and ')} are of the demo's stand-in portal, and EHR_PORTAL_URL is ${origin}`,
            "Give the worker the account that the portal's administrator made for it; leave it where that address is the stand-in's.",
          ),
        ]
      : []),
  ];
}

/** Domains that no one can own (RFC 2606); examples use them. */
const exampleDomain = /(?:^|\.)(?:example|example\.(?:org|com|net))$/;

/** Mail servers refuse a sender whose domain does not exist, or mark the mail as spam. */
export function senderVerdicts({ mail }: PipelineConfig['alerts']): Verdict[] {
  const domain = mail.from.slice(mail.from.lastIndexOf('@') + 1).toLowerCase();
  if (mail.to.length === 0 || !exampleDomain.test(domain)) return [];
  return [
    note(
      `alerts.mail.from is at ${domain}, the domain of the example, and mail is sent`,
      'Write an address there that your mail server may send as.',
    ),
  ];
}
