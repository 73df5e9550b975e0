import { PassThrough } from 'node:stream';
import { describe, expect, test } from 'vitest';
import { asking, type Terminal } from '../../src/cli/asking.ts';

/** A person who types this and then ends the input. */
async function askedOf<Result>(
  typed: string,
  work: (terminal: Terminal) => Promise<Result>,
): Promise<{ result: Result; shown: string }> {
  const [input, output] = [new PassThrough(), new PassThrough()];
  input.end(typed);
  const result = await asking(work, undefined, { input, output });
  return { result, shown: String(output.read() ?? '') };
}

const colour = {
  ask: 'The colour',
  mistake: (answer: string) => (/^(?:red|blue)$/.test(answer) ? undefined : 'red or blue'),
};

describe('a question', () => {
  test.each([
    { title: 'takes an answer', typed: 'red\n', answer: 'red' },
    { title: 'leaves out blanks around it', typed: '  blue \n', answer: 'blue' },
    { title: 'is asked again after a wrong answer', typed: 'green\nblue\n', answer: 'blue' },
    { title: 'takes a last line without a line break', typed: 'red', answer: 'red' },
    { title: 'has no answer at the end of the input', typed: '', answer: undefined },
    { title: 'has none after five wrong ones', typed: `${'green\n'.repeat(5)}red\n`, answer: undefined },
    { title: 'takes no endless line', typed: `${'x'.repeat(2_001)}\n`, answer: undefined },
  ])('$title', async ({ typed, answer }) => {
    expect((await askedOf(typed, (terminal) => terminal.text(colour))).result).toBe(answer);
  });

  test('shows its proposal, takes it for an empty line, and says what was wanted', async () => {
    const { result, shown } = await askedOf('green\n\n', (terminal) =>
      terminal.text({ ...colour, proposal: 'red' }),
    );
    expect(result).toBe('red');
    expect(shown).toBe('The colour [red]:   wanted red or blue\nThe colour [red]: ');
  });

  test('without an answer ends its line, so that what follows begins one', async () => {
    expect((await askedOf('', (terminal) => terminal.text(colour))).shown).toBe('The colour: \n');
  });

  test('gets what was typed before it was asked', async () => {
    const { result } = await askedOf('red\nblue\n', async (terminal) => [
      await terminal.text(colour),
      await terminal.text(colour),
    ]);
    expect(result).toEqual(['red', 'blue']);
  });

  test('ends with the reason of an interrupt', async () => {
    const controller = new AbortController();
    const place = { input: new PassThrough(), output: new PassThrough() };
    const asked = asking((terminal) => terminal.text(colour), controller.signal, place);
    controller.abort(new Error('It was interrupted.'));
    await expect(asked).rejects.toThrow('It was interrupted.');
  });
});

describe('a choice of words', () => {
  test.each([
    { typed: 'y\n', word: 'yes' },
    { typed: 'YES\n', word: 'yes' },
    { typed: 'n\n', word: 'no' },
    { typed: '\n', word: 'no' },
    { typed: '', word: 'no' },
    { typed: 'yess\ny\n', word: 'yes' },
    { typed: 'maybe\n'.repeat(9), word: 'no' },
  ])('$typed means $word', async ({ typed, word }) => {
    const { result } = await askedOf(typed, (terminal) => terminal.word('Go on?', ['yes', 'no']));
    expect(result).toBe(word);
  });
});
