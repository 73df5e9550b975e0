import { randomFrom } from '../../demo/portal/data/random.ts';
import { leftovers } from './leftovers.ts';
import { databases, type Site } from './site.ts';
import { replaceOnce, reportOf, setStage, type ScenarioReport } from './stage.ts';

/** The first place on earth to see a day, 14 hours ahead of UTC. */
const timeZone = 'Pacific/Kiritimati';
/** It jumps on or back before or after a step, and to the true time at the next one. */
const jumpHours = { least: 1, most: 14 };

/** A worker in another time zone, and one whose clock jumps between steps, load the same rows as any other. */
export async function clockJumps(site: Site, seed: string): Promise<ScenarioReport> {
  const stage = await setStage(site, { reports: ['utilization', 'notes'], periods: 3, portalPeriods: 0 });
  const { works, tally, reader } = stage;
  const random = randomFrom(seed, 'clocks');
  let jumps = 0;
  reader.start();
  try {
    const far = await site.startWorker(databases.disturbed, { TZ: timeZone });
    await Promise.all(works.map((work) => replaceOnce(stage, work)));
    await far.stop();

    const jumping = await site.startWorker(databases.disturbed);
    let hours = 0;
    const endJumps = site.arrivals.watch({
      wants: ({ worker, workflowId }) => worker === jumping && workflowId !== undefined,
      take: (held) => {
        const sign = jumps % 4 === 0 ? 1 : -1;
        hours = hours === 0 ? sign * random.between(jumpHours.least, jumpHours.most) : 0;
        jumps += 1;
        held.release({ kind: 'shift-clock', hours });
      },
    });
    await Promise.all(works.map((work) => replaceOnce(stage, work)));
    endJumps();
    await jumping.stop();
    tally.differences.push(...(await leftovers(site)));
  } finally {
    await reader.stop();
  }
  return reportOf(stage, { 'time zone of the first worker': timeZone, 'jumps of the second one': jumps });
}
