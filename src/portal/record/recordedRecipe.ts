import { reports, type ReportName } from '../../reports/index.ts';
import { undecided } from '../weakSpots.ts';
import { homeAddress } from './recordedAddresses.ts';
import { Draft, type Recording } from './draft.ts';
import { isPlainName, unknownWords } from './plainNames.ts';
import { loginEnd, loginSteps, logoutTarget, sessionLost, signedIn } from './recordedLogin.ts';
import { downloadStep, reportSteps } from './recordedReport.ts';

/** A recipe in the making: plain data, and what a person must still decide. */
export interface DraftRecipe {
  readonly recipe: Readonly<Record<string, unknown>>;
  readonly decisions: readonly string[];
}

/** Turns a recording into a recipe. No typed text but dates, and no name that may be a person's, gets into it. */
export function draftRecipe(recording: Recording): DraftRecipe {
  const draft = new Draft(recording);
  const split = loginEnd(draft);
  draft.title = titleOf(draft, split);
  const login = loginSteps(draft, split);
  const report = reportSteps(draft, split);
  const download = downloadStep(draft);
  const leave = logoutTarget(draft, split);
  const { report: name } = recording.export;
  const others = recording.reports.filter((each) => each !== name);
  if (draft.period === undefined) {
    draft.decide(
      'Which texts say the period. None of those that were typed or chosen is a whole period of the report.',
    );
  }
  draft.decide(
    "The portal's words for a rejected password, under failures: enter a wrong one by hand, once.",
  );
  draft.decide("The portal's words for an ended session, under sessionLost.");
  const strange = new Set([...draft.written].flatMap(unknownWords));
  if (strange.size > 0) {
    draft.decide(
      `Whether these words from the page, which no list of interface words has, may stand in the file: ${[...strange].join(', ')}.`,
    );
  }
  return {
    recipe: {
      portal: recording.portal.slice(0, 60) || 'recorded',
      reports: Object.fromEntries([
        [name, { title: ownTitle(draft) }],
        ...others.map((each) => [each, { title: otherTitle(draft, each) }]),
      ]),
      signedIn: signedIn(draft, split, leave),
      sessionLost: sessionLost(draft, split),
      failures: [],
      ...(draft.interruptions.length === 0 ? {} : { interruptions: draft.interruptions }),
      login,
      report,
      download,
      ...(leave === undefined
        ? {}
        : {
            logout: [
              { name: 'leave what is open', goto: homeAddress(draft, split) },
              { name: 'log out', click: leave },
            ],
          }),
    },
    decisions: draft.decisions,
  };
}

/** The last thing that was chosen or clicked before the export and that is called like the report. */
function titleOf(draft: Draft, from: number): string | undefined {
  const words = reports[draft.recording.export.report].titleWords;
  if (words === undefined) return undefined;
  for (let index = draft.last - 1; index >= from; index -= 1) {
    const action = draft.actions[index]!;
    const at = action.locator.at(-1);
    const text = action.kind === 'select' ? (draft.selected(index) ?? '') : (at?.name ?? at?.body ?? '');
    const isNaming =
      action.kind === 'select' ||
      (action.kind === 'click' && !/^(?:button|textbox|combobox)$/.test(at?.body ?? ''));
    if (!isNaming || !words.test(text)) continue;
    if (isPlainName(text, draft.hidden)) return text.trim();
  }
  return undefined;
}

function ownTitle(draft: Draft): string {
  if (draft.title !== undefined) {
    draft.written.add(draft.title);
    return draft.title;
  }
  draft.decide('What the portal calls the report, under reports, and where the steps use it.');
  return `${undecided}: what the portal calls it`;
}

function otherTitle(draft: Draft, report: ReportName): string {
  draft.decide(
    `What the portal calls the ${report} report, under reports: it was not recorded. If more than the title differs, use \${report.…} there too.`,
  );
  return `${undecided}: what the portal calls it`;
}
