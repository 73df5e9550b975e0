const startedAt = Date.now();

/** An alive line each 15 s: rare enough to read, often enough that nobody thinks that it hangs. */
const aliveSeconds = 15;

/** Seconds since this program started. */
function elapsedSeconds() {
  return (Date.now() - startedAt) / 1000;
}

/**
 * Says one thing to whoever watches, with the seconds since the start.
 * @param {string} part which part of the set-up speaks
 * @param {string} sentence
 */
export function say(part, sentence) {
  console.log(`[${elapsedSeconds().toFixed(0).padStart(4)} s] ${part.padEnd(12)} ${sentence}`);
}

/**
 * Repeats that slow work is still going on until it ends.
 * @template T
 * @param {string} part
 * @param {string} doing continues "still …", e.g. "building with Go (about 6 minutes on 2 cores)"
 * @param {Promise<T>} work
 * @returns {Promise<T>}
 */
export async function whileAlive(part, doing, work) {
  const began = Date.now();
  const timer = setInterval(
    () => say(part, `still ${doing}, ${Math.round((Date.now() - began) / 1000)} s so far`),
    aliveSeconds * 1000,
  );
  try {
    return await work;
  } finally {
    clearInterval(timer);
  }
}
