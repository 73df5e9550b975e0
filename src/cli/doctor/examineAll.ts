import { databaseSettings, figuresAreOf, type PipelineConfig } from '../../config.ts';
import type { PortalInUse } from '../../wiring/portals.ts';
import { examineDatabase, databaseChecks } from './database.ts';
import { PartExamination, type Finding, type Part } from './examination.ts';
import {
  examineBucket,
  examineDashboardFolder,
  examineDownloads,
  examineFiles,
  examineKeptFiles,
} from './files.ts';
import { examineMachine } from './machine.ts';
import { examinePortalAddress, examineRecipe, examineWalk } from './portal.ts';
import { examineSettings, type ExaminedSettings } from './settings.ts';
import { examineSources } from './sources.ts';
import { examineTemporal } from './temporal.ts';
import { rulesInForce } from '../../wiring/rulesInForce.ts';
import { openWarehouse, type Warehouse } from '../../warehouse/connect.ts';

export interface DoctorOptions {
  /** Whether to sign in to the portal and walk to the export. */
  readonly portal: boolean;
  /** Called with each finding as soon as it is known. */
  readonly onFinding: (finding: Finding) => void;
}

/** Checks run one at a time; the second connection serves the checks after one that got no answer. */
const poolSize = 2;

/** Checks everything that a run needs. Changes nothing, and reports what it could not check. */
export async function examineAll({ portal, onFinding }: DoctorOptions): Promise<Finding[]> {
  const findings: Finding[] = [];
  const part = (name: Part) =>
    new PartExamination(name, (finding) => {
      findings.push(finding);
      onFinding(finding);
    });
  await examineMachine(part('machine'));
  const settings = await examineSettings(part('settings'));
  await examineTemporal(part('temporal'), settings);
  const files = part('files');
  const writable = settings.folder !== undefined && (await examineFiles(files, settings.folder));
  if (settings.folder !== undefined) {
    await examineBucket(files);
    await examineKeptFiles(files);
    await examineDownloads(files, settings.folder);
  }
  const dashboards = settings.config?.dashboards;
  if (dashboards !== undefined) await examineDashboardFolder(files, dashboards.folder);
  await examineSources(part('sources'), settings);
  await examineRest({ database: part('database'), portal: part('portal') }, settings, { portal, writable });
  return findings;
}

async function examineRest(
  parts: { readonly database: PartExamination; readonly portal: PartExamination },
  settings: ExaminedSettings,
  { portal, writable }: { readonly portal: boolean; readonly writable: boolean },
): Promise<void> {
  const { databaseHost: host, nameKey, config } = settings;
  const rulesSha256 =
    config === undefined || nameKey === undefined ? undefined : rulesInForce(config, nameKey);
  const withoutDatabase = async (because: string) => {
    for (const check of databaseChecks) parts.database.unchecked(check, because);
    await examinePortal(parts.portal, settings, portal, 'the database hands the login out');
  };
  if (host === undefined) return withoutDatabase('the settings for the database are wrong');
  const warehouse = await parts.database.look('the database', () =>
    openWarehouse({ ...databaseSettings(), poolSize }),
  );
  if (warehouse === undefined) return withoutDatabase('the database cannot be used');
  try {
    const usable = await examineDatabase(parts.database, {
      warehouse,
      host,
      nameKey,
      rules: config?.rules,
      services: config?.services,
      figuresAre: config === undefined ? undefined : figuresAreOf(config),
      rulesSha256,
    });
    const lacking = usable ? 'the folder for evidence cannot be used' : 'the tables cannot be used';
    await examinePortal(parts.portal, settings, portal, usable && writable ? warehouse : lacking);
  } finally {
    // Closing waits for every unanswered query, and a server that hangs never answers.
    await parts.database.look('closing the connection', () => warehouse.close());
  }
}

/** `through`: the database that grants the login, or the reason why there can be no walk. */
async function examinePortal(
  part: PartExamination,
  { config, portals, nameKey, loginKey, folder }: ExaminedSettings,
  wanted: boolean,
  through: Warehouse | string,
): Promise<void> {
  const what = 'the walk to the export';
  for (const { settings } of portals ?? []) await examinePortalAddress(part, settings);
  const usable = config === undefined ? [] : await examineRecipes(part, config, portals);
  if (!wanted) return part.unchecked(what, '--skip-portal was given');
  if (typeof through === 'string') return part.unchecked(what, through);
  if (config === undefined || portals === undefined || nameKey === undefined || folder === undefined) {
    return part.unchecked(what, 'its settings are wrong');
  }
  if (usable.length < portals.length) part.unchecked(what, 'the recipe cannot be used');
  const secrets = { nameKey, loginKey };
  for (const portal of usable) {
    await examineWalk(part, { config, portal, warehouse: through, secrets, folder });
  }
}

/** The portals whose recipe can be used. */
async function examineRecipes(
  part: PartExamination,
  config: PipelineConfig,
  portals: readonly PortalInUse[] | undefined,
): Promise<PortalInUse[]> {
  if (portals === undefined) {
    await examineRecipe(part, config.portal, undefined);
    return [];
  }
  const usable: PortalInUse[] = [];
  for (const portal of portals) {
    if (await examineRecipe(part, portal.config, portal.settings)) usable.push(portal);
  }
  return usable;
}
