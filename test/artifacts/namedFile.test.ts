import { expect, test } from 'vitest';
import { namedFile } from '../../src/artifacts/keptFile.ts';

test.each(['nope', 'artifact:notes/x', 'evidence/../x', 's3://bucket/x', ''])(
  'what a person calls a kept file and is none is refused with what to name: %o',
  (named) => {
    expect(() => namedFile(named)).toThrow(
      expect.objectContaining({
        type: 'InvalidInput',
        message: 'there is no such kept file',
        hint: expect.stringContaining('by its uri') as string,
      }),
    );
  },
);
