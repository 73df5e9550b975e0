import { array, assert, constantFrom, nat, oneof, property, record, string } from 'fast-check';
import { expect, test } from 'vitest';
import { checkYaml } from '../../src/config/checkedYaml.ts';
import { ConfigError } from '../../src/config/configError.ts';
import { pipelineSchema } from '../../src/config/pipelineSchema.ts';
import { plainPipeline } from './pipelineFile.ts';

const schema = pipelineSchema(() => true);
const yamlPieces =
  '{ } [ ] : - ? &a *a !!set <<: " # \t \n --- ~ 0 -1 1e9 .nan true __proto__ constructor \0 é';

/** A piece of text that means something to YAML, or any, in place of a stretch of the file. */
const edit = record({
  at: nat(plainPipeline.length),
  length: nat(12),
  text: oneof(
    constantFrom(...yamlPieces.split(' ')).map((piece) => `${piece} `),
    constantFrom('\t', '\n', '\n---\n', '\0'),
    string({ maxLength: 4 }),
  ),
});

/** What the file says about itself: its mistakes, or none where it is read. */
function problemsOf(text: string): readonly string[] {
  try {
    checkYaml(text, { file: 'f', schema });
    return [];
  } catch (error) {
    if (error instanceof ConfigError && error.problems.length > 0) return error.problems;
    throw error;
  }
}

test('a file broken anywhere is read, or refused with lines', () => {
  assert(
    property(array(edit, { minLength: 1, maxLength: 4 }), (edits) => {
      const broken = edits.reduce(
        (text, { at, length, text: put }) => text.slice(0, at) + put + text.slice(at + length),
        plainPipeline,
      );
      expect(problemsOf(broken).filter((problem) => !/^f:\d+: /.test(problem))).toEqual([]);
    }),
    { numRuns: 500 },
  );
});
