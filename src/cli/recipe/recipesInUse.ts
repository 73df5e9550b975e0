import path from 'node:path';
import type { PipelineConfig } from '../../config.ts';

/** The shared one, and those that reports have of their own. */
export function recipesInUse({ portal }: Pick<PipelineConfig, 'portal'>): {
  readonly shared: string;
  readonly own: readonly string[];
} {
  const { recipe: shared, reports = {} } = portal;
  const own = new Set(Object.values(reports).flatMap((each) => each?.recipe ?? []));
  own.delete(shared);
  return { shared, own: [...own] };
}

/** Relative to where the command runs, as editors open it with its line. */
export function shownPath(file: string): string {
  const relative = path.relative('', file);
  return relative.startsWith('..') ? file : relative;
}
