import type { BrowserContext } from 'playwright';
import { scriptName } from './maskAddress.ts';

/** A page can log without end. The newest lines are the ones about the failure. */
const consoleLimit = 500;

/**
 * What a page wrote to the browser's console: the kind and the place in a script. Never the text, which may name a
 * patient.
 */
export class ConsoleRecord {
  readonly #lines: string[] = [];

  constructor(context: BrowserContext) {
    context.on('console', (message) => {
      const { url, line, column } = message.location();
      this.#add(message.type(), url, { line, column });
    });
    context.on('weberror', (error) => {
      const { url, line, column } = error.location();
      this.#add('uncaught', url, { line, column });
    });
  }

  /** One line each: `[error] main.js:12:5`. */
  text(): string {
    return this.#lines.map((line) => `${line}\n`).join('');
  }

  #add(type: string, address: string, { line, column }: { line: number; column: number }): void {
    // The driver counts from 0, people from 1.
    this.#lines.push(`[${type}] ${scriptName(address)}:${line + 1}:${column + 1}`);
    if (this.#lines.length > consoleLimit) this.#lines.shift();
  }
}
