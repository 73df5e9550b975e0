/** What the page has been told to play; see faults.ts. */
const set = new Set((document.querySelector('.x-viewport')?.dataset.faults ?? '').split(' '));

/** Whether a fault is to be played now; tells the portal's journal that it is. */
export function plays(fault) {
  if (set.has(fault)) noteFault(fault);
  return set.has(fault);
}

/** Tells the portal's journal that a fault is being played. */
export function noteFault(fault) {
  void fetch('/api/faults', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ fault }),
    // The page may be left the next moment.
    keepalive: true,
  });
}
