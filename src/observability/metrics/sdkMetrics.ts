import getPort from 'get-port';

/**
 * The SDK serves its metrics only at an address of its own. It gets a free loopback port, and its metrics are appended
 * to ours, so that there is one address to scrape.
 */
export interface SdkMetrics {
  /** `127.0.0.1:39123`, for the SDK's runtime. */
  readonly bindAddress: string;
  /** In Prometheus' text format. Rejects if the SDK does not answer. */
  read(): Promise<string>;
}

// It answers from memory, on this machine.
const answerMilliseconds = 3_000;

export async function placeForSdkMetrics(): Promise<SdkMetrics> {
  const bindAddress = `127.0.0.1:${String(await getPort({ host: '127.0.0.1' }))}`;
  return {
    bindAddress,
    async read() {
      const answer = await fetch(`http://${bindAddress}/metrics`, {
        signal: AbortSignal.timeout(answerMilliseconds),
      });
      if (!answer.ok) throw new Error(`the SDK answered ${String(answer.status)}`);
      return await answer.text();
    },
  };
}
