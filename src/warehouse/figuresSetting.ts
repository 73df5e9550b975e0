import type { FiguresAre } from '../domain/figuresAre.ts';
import type { Warehouse } from './connect.ts';
import { asWarehouseFailure } from './failure.ts';
import { reportSetting } from './schema.ts';

/** From now on the views take the dollars of utilization for this. */
export async function recordFiguresAre({ db }: Pick<Warehouse, 'db'>, figuresAre: FiguresAre): Promise<void> {
  try {
    await db
      .insert(reportSetting)
      .values({ report: 'utilization', figuresAre })
      .onDuplicateKeyUpdate({ set: { figuresAre } });
  } catch (error) {
    throw asWarehouseFailure(error, 'Noting what the dollars are of');
  }
}
