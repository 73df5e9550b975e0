import { setTimeout as sleep } from 'node:timers/promises';
import { Crew } from './crew.ts';
import { leftovers } from './leftovers.ts';
import { databases, type Site } from './site.ts';
import { replaceOnce, reportOf, setStage, type ScenarioReport, type StageOptions } from './stage.ts';

/** The first load begins within seconds of the start. */
const loadPatienceSeconds = 60;

/**
 * The database is killed in the middle of a load, with files and a backfill through the portal under way, and stays
 * away. What waits for it goes on by itself when it is back; what gave up has failed typed, and is started again.
 */
export async function databaseAway(
  site: Site,
  options: StageOptions & { readonly awaySeconds: number },
): Promise<ScenarioReport> {
  const stage = await setStage(site, options);
  const { works, tally, reader } = stage;
  const crew = new Crew(() => site.startWorker(databases.disturbed));
  let recoverySeconds = 0;
  try {
    await crew.hire(2);
    reader.start();
    await Promise.all(works.map((work) => replaceOnce(stage, work)));

    const amidRows = site.arrivals.next(({ place }) => place === 'load: amid the rows', loadPatienceSeconds);
    const replacing = Promise.all(works.map((work) => replaceOnce(stage, work)));
    // Its failure is for the end of the outage.
    replacing.catch(() => undefined);
    const held = await amidRows;
    if (held === undefined) throw new Error('no load began');
    await site.killDatabase();
    held.release();
    await sleep(options.awaySeconds * 1000);
    await site.restartDatabase();
    const back = performance.now();
    await replacing;
    recoverySeconds = Math.round((performance.now() - back) / 1000);
    tally.differences.push(...(await leftovers(site)));
  } finally {
    await reader.stop();
    await crew.dismiss();
  }
  return reportOf(stage, {
    'seconds away': options.awaySeconds,
    'seconds until all was loaded': recoverySeconds,
    'runs that gave up, by type': JSON.stringify(tally.failed),
    'workers that ended alone': crew.endedByThemselves,
  });
}
