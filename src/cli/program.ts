import { Command, Option } from 'commander';
import { addDecisions, addAudit } from './commands/decisionCommands.ts';
import { addDashboard, addFigures, addLookAlikes } from './commands/figureCommands.ts';
import { addArtifact, addKeptFiles, addKeys } from './commands/fileCommands.ts';
import { addAlerts, addDeploy, addPortal, addSchedule, addSources } from './commands/operationCommands.ts';
import { addRuns } from './commands/runCommands.ts';
import {
  addAgencies,
  addDoctor,
  addGrants,
  addMigrate,
  addRecipe,
  addSetup,
} from './commands/setupCommands.ts';
import { addCompletion } from './completion.ts';
import { exitCodeHelp } from './exitCodes.ts';
import { productFacts } from './productFacts.ts';

/** The client's commands with their help and examples; runs none of them. A wrong call throws `CommanderError`. */
export function createProgram(): Command {
  const program = new Command('client')
    .description('Starts, follows and operates the EHR reporting pipeline.')
    .configureHelp({ sortSubcommands: false })
    .addOption(
      new Option(
        '--agency <id>',
        'act for this agency of EHR_AGENCIES; otherwise for the one without an id',
      ).env('EHR_AGENCY'),
    )
    .addOption(
      new Option(
        // Not --env-file: Node takes that for its own, wherever it stands.
        '--variables <file>',
        'take variables that are not set from this file; otherwise from EHR_ENV, or ehr.env in this folder',
      ),
    )
    .version(productFacts().version, '--version', 'which version this is')
    .exitOverride()
    .showHelpAfterError('Run with --help for the options and examples.')
    .addHelpText('after', `${exitCodeHelp()}\n${moreHelp}`);
  for (const add of inOrderOfHelp) add(program);
  return program;
}

const moreHelp = `
Examples:
  npm run client -- status
  npm run client -- run notes --from 2026-10-16 --to 2026-10-31
  npm run client -- run --help
  npm run -s client -- status --json

docs/client.md says more of it, docs/runbook.md what to do about each failure.`;

/** Each adds the commands of one group, with their options; what a command does is loaded when it runs. */
const inOrderOfHelp: readonly ((program: Command) => void)[] = [
  addRuns,
  addFigures,
  addKeptFiles,
  addKeys,
  addLookAlikes,
  addDecisions,
  addSchedule,
  addSetup,
  addRecipe,
  addDoctor,
  addDeploy,
  addMigrate,
  addDashboard,
  addGrants,
  addArtifact,
  addAudit,
  addPortal,
  addAlerts,
  addSources,
  addCompletion,
  addAgencies,
];
