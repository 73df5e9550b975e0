import { expect, test } from 'vitest';
import { starterOf } from '../../src/temporal/runs.ts';

const said = { workflowExecutionStartedEventAttributes: { identity: 'ann@desk' } };

test.each([
  { title: 'what the client says', started: said, starter: { name: 'ann@desk', proof: 'claimed' } },
  {
    title: 'whom a token proved, whatever the client says',
    started: { ...said, principal: { type: 'jwt', name: 'bo@agency.example' } },
    starter: { name: 'bo@agency.example', proof: 'token' },
  },
  {
    title: 'whom a certificate proved',
    started: { ...said, principal: { type: 'mtls', name: 'CN=bo' } },
    starter: { name: 'CN=bo', proof: 'mTLS' },
  },
  {
    title: 'the claim, where the server proved nobody',
    started: { ...said, principal: { type: '', name: '' } },
    starter: { name: 'ann@desk', proof: 'claimed' },
  },
  {
    title: 'nobody, where the client says nothing',
    started: { workflowExecutionStartedEventAttributes: { identity: '' } },
    starter: { name: 'unknown', proof: 'claimed' },
  },
  { title: 'nobody, without a history', started: undefined, starter: { name: 'unknown', proof: 'claimed' } },
] as const)('the starter of a run is $title', ({ started, starter }) => {
  expect(starterOf(started)).toEqual(starter);
});
