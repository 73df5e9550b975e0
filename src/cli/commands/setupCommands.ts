import type { Command } from 'commander';
import { reportNames } from '../../reports/index.ts';
import { lazily } from '../lazily.ts';
import { addCommand, json, period } from './command.ts';

export function addSetup(program: Command): void {
  addCommand(
    program,
    'init',
    'ask for what a deployment is, write its own folder of rules, recipe and variables, and say what it lacks; overwrites nothing',
    [
      'init',
      'init config/local --portal-url https://ehr.example.com --database-url mysql://ehr:choose-one@127.0.0.1:3306/ehr --yes',
    ],
  )
    .argument('[folder]', 'the folder, outside of what updates replace; otherwise ehr in your home')
    .option('--portal-url <url>', 'the address of the portal')
    .option('--time-zone <zone>', 'whose calendar days count, such as America/Chicago')
    .option('--reports <reports>', `the reports that the portal has: ${reportNames.join(',')}`)
    .option('--figures-are <what>', 'what the dollars of utilization are of: authorization or month')
    .option('--qp-rule <names>', "none, or 'LAST, FIRST; LAST, FIRST': the LINCS and the Deep Creek QP")
    .option('--temporal-address <address>', 'host:port of Temporal')
    .option('--database-url <url>', 'mysql://user:password@host:3306/name')
    .option('--yes', 'ask nothing: what no option says is the proposal')
    .addOption(json)
    .action(lazily(() => import('../init.ts'), 'initDeployment'));

  const config = program
    .command('config')
    .description('the rules that EHR_CONFIG names: docs/configuration.md');
  addCommand(
    config,
    'check',
    'name the mistakes in pipeline.yaml and its recipes, and misspelt variables, without any server',
    ['config check', 'config check config/local/pipeline.yaml'],
  )
    .argument('[file]', 'the pipeline.yaml; otherwise the one in use')
    .addOption(json)
    .action(lazily(() => import('../configCheck.ts'), 'checkConfig'));
}

const recipeFile = ['[file]', 'the recipe; otherwise the one that pipeline.yaml names'] as const;

export function addRecipe(program: Command): void {
  const recipe = program.command('recipe').description('the portal recipe: docs/recipes.md');
  addCommand(
    recipe,
    'record',
    'open the portal in a browser, and write a recipe of one export that you make there',
    ['recipe record config/local/portals/acme.yaml'],
  )
    .argument('<file>', 'where the recipe goes')
    .addOption(json)
    .action(lazily(() => import('../recipe/record.ts'), 'recordRecipe'));
  addCommand(recipe, 'check', 'name the mistakes and the weak steps of a recipe, without the portal', [
    'recipe check',
    'recipe check config/local/portals/acme.yaml',
  ])
    .argument(...recipeFile)
    .addOption(json)
    .action(lazily(() => import('../recipe/check.ts'), 'checkRecipe'));
  addCommand(
    recipe,
    'try',
    'run a recipe against the portal, step by step and without a load; on a terminal, again from the step that fails',
    [
      'recipe try',
      'recipe try config/local/portals/acme.yaml --report notes --period 2026-10-01',
      'recipe try --until "run the report" --headed',
    ],
  )
    .argument(...recipeFile)
    .option('--report <report>', `${reportNames.join(' or ')}; otherwise the first that the recipe names`)
    .option('--period <period>', `${period[1]}; otherwise the newest that has ended`)
    .option('--until <step>', 'stop after the step of this name')
    .option('--headed', 'show the browser')
    .option('--yes', 'sign in although no DATABASE_URL says whether the login is free')
    .addOption(json)
    .action(lazily(() => import('../recipe/try.ts'), 'tryRecipe'));
}

export function addDoctor(program: Command): void {
  addCommand(program, 'doctor', 'check what a run needs, and say how to fix what is wrong', [
    'doctor',
    'doctor --skip-portal --json',
  ])
    .option('--skip-portal', 'do not sign in to the portal')
    .addOption(json)
    .action(lazily(() => import('../doctor.ts'), 'runDoctor'));
}

export function addMigrate(program: Command): void {
  addCommand(program, 'migrate', 'create the tables, or bring them up to date', ['migrate'])
    .option('--take-over', 'make them the tables of this agency, though they are those of another')
    .addOption(json)
    .action(lazily(() => import('../status.ts'), 'runMigrations'));
}

export function addGrants(program: Command): void {
  addCommand(
    program,
    'grants',
    'print the SQL that lets others read the views: one role sees name codes, one names too',
    ['grants > readers.sql'],
  )
    .addOption(json)
    .action(lazily(() => import('../grants.ts'), 'showGrants'));
}

export function addAgencies(program: Command): void {
  const agencies = program.command('agencies').description('the agencies that share the workers');
  addCommand(agencies, 'list', 'the ids of all', ['agencies list'])
    .addOption(json)
    .action(lazily(() => import('../agencies.ts'), 'listAgencies'));
  addCommand(agencies, 'check', 'name what is wrong with their settings or tables', [
    'agencies check',
    'agencies check acme',
  ])
    .argument('[ids...]', 'which; otherwise all')
    .addOption(json)
    .action(lazily(() => import('../agencies.ts'), 'checkAgencies'));
  addCommand(agencies, 'add', 'make the tables and schedules of an agency whose folder is ready', [
    'agencies add acme',
  ])
    .argument('<id>', "its folder's name")
    .addOption(json)
    .action(lazily(() => import('../agencies.ts'), 'addAgency'));
}
