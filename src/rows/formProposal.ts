import { PipelineError, type FailureType } from '../domain/failures.ts';
import { deviations, type FileForm } from '../domain/fileForm.ts';
import type { Period } from '../domain/periods.ts';
import { fileFormOf, type Rules } from '../domain/rules.ts';
import type { ReportName } from '../reports/index.ts';
import type { FileSample } from './fileSample.ts';
import { isSame, seeForm, separatorWords, type SeenForm } from './formDetection.ts';

/** The failures that a file of another form can cause. */
const formFailures: ReadonlySet<FailureType> = new Set([
  'ExportNotCsv',
  'ExportWrongReport',
  'ExportWrongPeriod',
  'ExportTruncated',
  'SchemaDrift',
]);

/** The failure to throw if an export could not be read: it says what the file looks like, if that is another form. */
export async function withSeenForm(
  error: unknown,
  sample: FileSample,
  { report, period }: { readonly report: ReportName; readonly period?: Period },
  rules: Rules,
): Promise<unknown> {
  if (!(error instanceof PipelineError) || !formFailures.has(error.type)) return error;
  const wantedPeriod = error.type === 'ExportWrongPeriod' ? period : undefined;
  const seen = await seeForm(sample, report, rules, wantedPeriod);
  if (seen === undefined || seen.looks.length === 0) return error;
  const configured = fileFormOf(report, rules);
  const header = headerText(report, seen.form, configured);
  const proposal = proposalText(report, seen, configured);
  return new PipelineError(error.type, header ?? error.message, {
    hint: header === undefined ? `${error.hint} ${proposal}` : proposal,
    retry: error.retry,
    details: { ...error.details, ...headerDetails(header, seen.form), file: settingsText(seen.form) },
    cause: error,
  });
}

/** What a file with rejected rows looks like; undefined if it has the configured form. */
export async function seenFormText(
  sample: FileSample,
  report: ReportName,
  rules: Rules,
): Promise<string | undefined> {
  const seen = await seeForm(sample, report, rules);
  if (seen === undefined || seen.looks.length === 0) return undefined;
  return proposalText(report, seen, fileFormOf(report, rules));
}

/** Where the header stands, if only its place or the separator differs. */
function headerText(report: ReportName, seen: FileForm, configured: FileForm): string | undefined {
  const isElsewhere = seen.linesBeforeHeader !== configured.linesBeforeHeader;
  // Anything else that is another one keeps the header from being found at all.
  if (
    ['encoding', 'format', 'packed'].some((setting) => !isSame(setting as keyof FileForm, seen, configured))
  )
    return undefined;
  const where = `the header of the ${report} report stands in line ${String(seen.linesBeforeHeader + 1)} of the file`;
  if (seen.separator !== configured.separator) {
    return `${where}, with ${separatorWords[seen.separator]} between its cells and not ${separatorWords[configured.separator]}`;
  }
  return isElsewhere
    ? `${where}, and was looked for in line ${String(configured.linesBeforeHeader + 1)}`
    : undefined;
}

function headerDetails(header: string | undefined, seen: FileForm) {
  if (header === undefined) return {};
  return { line: seen.linesBeforeHeader + 1, separator: separatorWords[seen.separator] };
}

/** What the file looks like, and the settings to add. */
function proposalText(report: ReportName, { form, looks }: SeenForm, configured: FileForm): string {
  const changed = Object.entries(form).filter(
    ([setting]) => !isSame(setting as keyof FileForm, form, configured),
  );
  const seen = `The file looks like this: ${looks.join(', ')}.`;
  if (changed.length === 0) return seen;
  const settings = changed.map(([setting, value]) => `reports.${report}.file.${setting}: ${yamlText(value)}`);
  return `${seen} If all files of this portal are so, set ${settings.join(' and ')} in pipeline.yaml; as YAML, under ${report}: ${settingsText(form)}`;
}

/** A form's settings, as YAML on one line. */
function settingsText(form: FileForm): string {
  return `file: ${yamlText(deviations(form))}`;
}

function yamlText(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(yamlText).join(', ')}]`;
  if (typeof value === 'object' && value !== null) {
    const entries = Object.entries(value).map(([key, each]) => `${key}: ${yamlText(each)}`);
    return entries.length === 0 ? '{}' : `{ ${entries.join(', ')} }`;
  }
  const text = String(value);
  return typeof value !== 'string' || /^[A-Za-z][\w-]*$/.test(text)
    ? text
    : `'${text.replaceAll("'", "''")}'`;
}
