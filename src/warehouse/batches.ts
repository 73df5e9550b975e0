/** Roll-ups and rejects are few; 500 of the widest rows stay far below any server's packet limit. */
export const rowsPerInsert = 500;

/** Groups a stream of items into arrays of at most `size`. */
export async function* inBatches<T>(items: AsyncIterable<T>, size: number): AsyncGenerator<T[]> {
  let batch: T[] = [];
  for await (const item of items) {
    batch.push(item);
    if (batch.length === size) {
      yield batch;
      batch = [];
    }
  }
  if (batch.length > 0) yield batch;
}
