import { WrongFields } from '../domain/inputs.ts';
import { refused } from './commandErrors.ts';

/**
 * What `parse` makes of a call's arguments and options. Its refusals speak of fields of a JSON object, which the
 * caller did not write.
 * @throws PipelineError InvalidInput
 */
export function fromOptions<Input>(parse: () => Input): Input {
  try {
    return parse();
  } catch (error) {
    if (!(error instanceof WrongFields)) throw error;
    throw refused(error.message, 'Run with --help for the options and examples.', error);
  }
}
