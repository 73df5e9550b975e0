// node scripts/test/closing-line.mjs <report>: the last lines of CI, from vitest's JSON report: each failed test with
// the first line of its error, then "N passed, N failed". Whoever reads only the end of a long log knows what failed.
import { readFileSync } from 'node:fs';
import { relative } from 'node:path';

const text = readFileSync(process.argv[2] ?? '', 'utf8');
if (text === '') {
  console.log('Vitest wrote no report: it did not get as far as running tests.');
  process.exit(1);
}

const report = JSON.parse(text);
const firstLine = (message) => (message ?? '').split('\n', 1)[0].slice(0, 300);

for (const file of report.testResults) {
  for (const test of file.assertionResults.filter((result) => result.status === 'failed')) {
    console.log(`FAILED ${relative(process.cwd(), file.name)}: ${test.fullName}`);
    console.log(`       ${firstLine(test.failureMessages[0])}`);
  }
}
// A file that cannot be loaded has no test that failed, and must not count as nothing.
const brokenFiles = report.testResults.filter(
  (file) => file.status === 'failed' && !file.assertionResults.some((result) => result.status === 'failed'),
);
for (const file of brokenFiles) {
  console.log(`FAILED ${relative(process.cwd(), file.name)}: ${firstLine(file.message)}`);
}

const skipped = report.numPendingTests + report.numTodoTests;
console.log(
  `${report.numPassedTests} passed, ${report.numFailedTests + brokenFiles.length} failed` +
    (skipped > 0 ? `, ${skipped} skipped` : ''),
);
