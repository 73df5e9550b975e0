import type { Site } from './site.ts';

/** Shorter than anything that a browser does. */
const lookMilliseconds = 5;

/** What the portal notes is a place too. Nothing waits there, so a fault comes a moment later. */
export function watchPortal(site: Site): () => void {
  const { journal } = site.portal;
  let seen = journal.length;
  const timer = setInterval(() => {
    for (const { kind } of journal.slice(seen)) {
      site.arrivals.arrive({ place: `portal: ${kind}`, release: () => undefined });
    }
    seen = journal.length;
  }, lookMilliseconds);
  return () => clearInterval(timer);
}
