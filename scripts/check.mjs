// npm run check: everything that needs no server, at the same time. Prints what each check says only where it fails.
// With --static without the unit tests.
import { spawn } from 'node:child_process';

const checks = ['format:check', 'lint', 'types', 'unused'];
if (!process.argv.includes('--static')) checks.push('test:unit');

const passed = await Promise.all(checks.map((name) => check(name)));
process.exit(passed.every(Boolean) ? 0 : 1);

/**
 * @param {string} name of a script in package.json
 * @returns {Promise<boolean>} whether it passed
 */
async function check(name) {
  const begun = performance.now();
  const { code, output } = await finished(
    spawn('npm', ['run', '--silent', name], { stdio: ['ignore', 'pipe', 'pipe'] }),
  );
  const seconds = ((performance.now() - begun) / 1000).toFixed(1);
  if (code === 0) console.log(`passed  ${name}, ${seconds} s`);
  else console.log(`FAILED  ${name}, ${seconds} s\n${output.trimEnd()}\n`);
  return code === 0;
}

/**
 * @param {import('node:child_process').ChildProcessByStdio<null, import('node:stream').Readable, import('node:stream').Readable>} child
 * @returns {Promise<{ code: number | null, output: string }>}
 */
function finished(child) {
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text) => (output += text));
  }
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, output }));
  });
}
