/**
 * Memoises a function: one file names the same people in row after row. Forgets everything at `mostAnswers`, so that
 * memory is bounded: 50,000 short texts are a few megabytes.
 */
export function remembering<Answer>(
  answer: (question: string) => Answer,
  mostAnswers = 50_000,
): (question: string) => Answer {
  const known = new Map<string, Answer>();
  return (question) => {
    const before = known.get(question);
    if (before !== undefined) return before;
    const found = answer(question);
    if (known.size >= mostAnswers) known.clear();
    known.set(ownText(question), found);
    return found;
  };
}

/** A cell is a slice of the block that was read; a map that keeps the slice would keep the whole block in memory. */
export function ownText(text: string): string {
  return Buffer.from(text, 'utf16le').toString('utf16le');
}
