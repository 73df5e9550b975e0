import { z } from 'zod';
import { byReport } from '../../reports/index.ts';
import { isLoopback } from '../../domain/loopback.ts';
import { section, wholeNumber, text, yesNo } from './kinds.ts';

const wantedOrigin = 'an address of scheme and host alone, such as https://login.example.com';

const signInOrigin = z
  .string({ error: wantedOrigin })
  .refine(isProtectedOrigin, { error: `${wantedOrigin}; http:// on this machine only` });

function isProtectedOrigin(origin: string): boolean {
  if (!/^https?:\/\//i.test(origin) || !URL.canParse(origin)) return false;
  const { protocol, hostname, pathname, search, hash, username, password } = new URL(origin);
  const isBare = pathname === '/' && `${search}${hash}${username}${password}` === '';
  return isBare && (protocol === 'https:' || isLoopback(hostname));
}

export function portal(recipeExists: (path: string) => boolean) {
  const wantedRecipe = 'the path of an existing recipe, counted from the folder of this file';
  const recipe = text(wantedRecipe, 4096)
    .refine(recipeExists, { error: wantedRecipe })
    .describe(
      'How to get the reports out of the portal: a recipe, its path counted from the folder of this file.',
    );
  const signInOrigins = z
    .array(signInOrigin, { error: `a list of origins, each ${wantedOrigin}` })
    .max(20, { error: 'at most 20 origins' })
    .optional()
    .describe(
      "Further origins where the sign-in may be entered and sent, such as a single sign-on's; beside the origin of EHR_PORTAL_URL.",
    );
  return section({
    recipe,
    signInOrigins,
    reports: section(
      byReport(() =>
        section({ recipe, signInOrigins })
          .optional()
          .describe(
            'A report with a recipe of its own, or in another portal: EHR_PORTAL_<REPORT>_URL and so on.',
          ),
      ),
    )
      .optional()
      .describe('Reports that need another recipe than the rest.'),
    idleSeconds: wholeNumber(1, 900, 'seconds').describe(
      'How long a session is kept for the next period before logging out.',
    ),
    attempts: wholeNumber(1, 10, 'attempts').describe(
      'How often a download is tried in all. A rejected password is never tried again.',
    ),
    retrySeconds: wholeNumber(1, 3600, 'seconds').describe(
      'The pause before the second attempt; each further one is twice as long.',
    ),
    showPatientData: yesNo.describe(
      'Whether the evidence of a failed step shows patient data instead of masking it.',
    ),
    exportMegabytes: wholeNumber(1, 100_000, 'megabytes')
      .optional()
      .describe(
        'The largest export that is taken; a larger one is broken off while it comes. 2048 unless said otherwise.',
      ),
    headless: yesNo.describe('false shows the browser window, to watch a recipe at work.'),
  });
}
