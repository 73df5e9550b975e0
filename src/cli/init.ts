import { homedir } from 'node:os';
import path from 'node:path';
import { writeDeployment } from './deploymentFolder.ts';
import { examineAll } from './doctor/examineAll.ts';
import { findingLines } from './doctor.ts';
import { isTerminal } from './asking.ts';
import { answersOf, type Answers } from './initQuestions.ts';
import { print, type OutputOptions } from './output.ts';

export interface InitOptions extends OutputOptions, Partial<Answers> {
  /** Ask nothing: what no option says is the proposal. */
  readonly yes?: boolean;
}

/** Asks for what a deployment is, writes its own folder, and says what it still lacks. Never overwrites. */
export async function initDeployment(named: string | undefined, options: InitOptions): Promise<void> {
  const folder = path.resolve(named ?? path.join(homedir(), 'ehr'));
  const asks = options.yes !== true && options.json !== true && isTerminal();
  const answers = await answersOf(options, { asks });
  const { envFile, variables } = await writeDeployment(folder, answers);
  // From now on this process is about the new deployment, whatever it began with.
  for (const name of Object.keys(variables)) delete process.env[`${name}_FILE`];
  Object.assign(process.env, variables);
  const prints = options.json !== true;
  if (prints) console.log(`wrote ${folder}\n`);
  const findings = await examineAll({
    portal: false,
    onFinding: (finding) => {
      if (prints && finding.state !== 'ok') console.log(findingLines(finding));
    },
  });
  print(options, { folder, envFile, findings }, () => nextWords(folder, envFile));
}

function nextWords(folder: string, envFile: string): string {
  return [
    '',
    'What is next:',
    `  1. Write user and password of the portal into ${envFile}.`,
    `  2. Let every terminal know the file: export EHR_ENV=${envFile}`,
    '  3. npm run client -- migrate          creates the tables',
    `  4. npm run client -- recipe record ${path.join(folder, 'portals/new.yaml')}`,
    '                                        or change portals/mine.yaml: docs/recipes.md',
    '  5. npm run build && npm start         the worker; then npm run client -- doctor',
  ].join('\n');
}
