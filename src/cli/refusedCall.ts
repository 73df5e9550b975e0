import { CommanderError } from 'commander';
import { printableJson } from '../domain/printable.ts';
import { exitCodes } from './exitCodes.ts';

/**
 * The exit code of a call that commander refused, having said so, or of help that was asked for. Undefined for another
 * error.
 */
export function reportRefusedCall(
  refusal: unknown,
  { json }: { readonly json: boolean },
): number | undefined {
  if (!(refusal instanceof CommanderError)) return undefined;
  if (refusal.exitCode === 0) return exitCodes.fine;
  const error = { type: 'InvalidInput', message: refusal.message.replace(/^error: /, '') };
  if (json) console.log(printableJson({ error, exitCode: exitCodes.wrongCall }));
  return exitCodes.wrongCall;
}
