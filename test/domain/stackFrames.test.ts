import { expect, test } from 'vitest';
import { withoutMachine } from '../../src/domain/stackFrames.ts';

test.each([
  {
    frame: '    at load (file:///srv/src/ehr/dist/src/warehouse/publish.js:12:5)',
    shown: '    at load (src/warehouse/publish.js:12:5)',
  },
  {
    frame: '    at async /home/ada/ehr/src/activities/load.ts:3:1',
    shown: '    at src/activities/load.ts:3:1',
  },
  {
    frame: '    at Parser.push (/srv/ehr/node_modules/mysql2/lib/src/parser.js:1:2)',
    shown: '    at Parser.push (node_modules/mysql2/lib/src/parser.js:1:2)',
  },
  { frame: '    at new Promise (<anonymous>)', shown: '    at new Promise (<anonymous>)' },
  {
    frame: '    at node:internal/process/task_queues:95:5',
    shown: '    at node:internal/process/task_queues:95:5',
  },
])('$frame', ({ frame, shown }) => {
  expect(withoutMachine(frame)).toBe(shown);
});
