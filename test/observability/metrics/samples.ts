/** What a scrape says: the value of each time series, `name{label="value"}`. */
export type Samples = ReadonlyMap<string, number>;

/** Of Prometheus' text format. */
export function samplesIn(text: string): Samples {
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return new Map(
    lines.map((line) => {
      const at = line.lastIndexOf(' ');
      return [line.slice(0, at), Number(line.slice(at + 1))];
    }),
  );
}

/** The names of time series as a query writes them: with `_bucket`, `_sum` and `_count`. */
export function namesIn(samples: Samples): Set<string> {
  return new Set(Array.from(samples.keys(), (series) => series.replace(/\{.*$/, '')));
}
