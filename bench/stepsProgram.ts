// The steps of one period in a process of their own: takes a StepsRequest as JSON, prints a StepsResult.
import { runSteps, type StepsRequest } from './steps.ts';

console.log(JSON.stringify(await runSteps(JSON.parse(process.argv[2]!) as StepsRequest)));
