import { Argument, type Command } from 'commander';
import { reportNames } from '../reports/index.ts';
import { addCommand } from './commands/command.ts';

const shells = ['bash', 'zsh'] as const;

type Shell = (typeof shells)[number];

export function addCompletion(program: Command): void {
  addCommand(program, 'completion', 'print a script that completes these commands in a shell', [
    'completion bash',
    'completion zsh',
  ])
    .addArgument(new Argument('<shell>', 'which one').choices(shells))
    .action((shell: Shell) => console.log(completionScript(program, shell)));
}

/**
 * A script that completes `npm run client -- …`, generated from the commands themselves. Typing starts no program, and
 * only a script that was loaded before an update can be out of date.
 */
export function completionScript(program: Command, shell: Shell): string {
  const cases = candidates(program).map(({ path, words }) => `    '${path}') echo '${words.join(' ')}' ;;`);
  const [before, after] = around[shell];
  return [...before, ...opening, ...cases, ...closing, ...valueTest(program), ...asking, ...after].join('\n');
}

/** After an option that takes a value none of our words fit; the shell then offers files. */
function valueTest(program: Command): string[] {
  const flags = new Set(optionsWithValue(program));
  return [`_ehr_client_takes_value() { [[ " ${[...flags].join(' ')} " == *" $1 "* ]]; }`, ''];
}

function optionsWithValue({ options, commands }: Command): string[] {
  const own = options.filter(({ required, optional }) => required || optional).map(({ long }) => long ?? '');
  return [...own, ...commands.flatMap(optionsWithValue)];
}

/** A command, named by the words that lead to it, and what can follow it. */
export interface Candidates {
  readonly path: string;
  readonly words: readonly string[];
}

export function candidates(command: Command, path = ''): Candidates[] {
  const below = command.commands.map((each) => ({ each, path: `${path} ${each.name()}`.trim() }));
  const options = command.options.map(({ long, short }) => long ?? short ?? '');
  const words = [
    ...command.commands.map((each) => each.name()),
    ...command.registeredArguments.flatMap(valuesOf),
    ...options,
    '--help',
  ];
  return [{ path, words }, ...below.flatMap((next) => candidates(next.each, next.path))];
}

function valuesOf(argument: Argument): readonly string[] {
  // Not commander's choices: an unknown report must give the same message as in a workflow.
  return argument.name() === 'report' ? reportNames : (argument.argChoices ?? []);
}

/** Functions for bash; zsh understands them too, in its emulation of bash's completion. */
const opening = ['_ehr_client_words() {', '  case "$1" in'];
const closing = ['    *) return 1 ;;', '  esac', '}', ''];
const asking = [
  '# $1: where in the line the words of the client begin.',
  '_ehr_client_from() {',
  '  local found="" next at',
  '  COMPREPLY=()',
  '  if _ehr_client_takes_value "${COMP_WORDS[COMP_CWORD - 1]}"; then return; fi',
  '  for ((at = $1; at < COMP_CWORD; at++)); do',
  '    next="${found:+$found }${COMP_WORDS[at]}"',
  '    if _ehr_client_words "$next" >/dev/null; then found="$next"; fi',
  '  done',
  '  COMPREPLY=($(compgen -W "$(_ehr_client_words "$found")" -- "${COMP_WORDS[COMP_CWORD]}"))',
  '}',
  '',
  '# Where `client --` ends in a line of npm, or nothing.',
  '_ehr_client_start() {',
  '  local at',
  '  for ((at = 1; at + 1 < COMP_CWORD; at++)); do',
  '    if [[ "${COMP_WORDS[at]}" == client && "${COMP_WORDS[at + 1]}" == -- ]]; then echo $((at + 2)); return; fi',
  '  done',
  '}',
  '',
  '_ehr_client() { _ehr_client_from 1; }',
  '',
];

/** What differs between the shells: how the functions are attached to npm, beside whatever completes npm already. */
const around: Readonly<Record<Shell, readonly [before: readonly string[], after: readonly string[]]>> = {
  bash: [
    ['# Completion of `npm run client -- …`, for ~/.bashrc: source <(npm run -s client -- completion bash)'],
    [
      'if [[ -z ${_ehr_npm_before+set} ]]; then',
      `  _ehr_npm_before=$(complete -p npm 2>/dev/null | sed -n 's/.* -F \\([^ ]*\\) .*/\\1/p')`,
      'fi',
      '',
      '_ehr_npm() {',
      '  local start=$(_ehr_client_start)',
      '  if [[ -n $start ]]; then',
      '    _ehr_client_from "$start"',
      '  elif [[ -n $_ehr_npm_before ]]; then',
      '    "$_ehr_npm_before" "$@"',
      '  fi',
      '}',
      '',
      'complete -o default -F _ehr_npm npm',
      'complete -o default -F _ehr_client client',
    ],
  ],
  zsh: [
    [
      '# Completion of `npm run client -- …`, for ~/.zshrc: source <(npm run -s client -- completion zsh)',
      'autoload -Uz compinit bashcompinit',
      '(( $+functions[compdef] )) || compinit',
      'bashcompinit',
      '',
    ],
    [
      '(( ${+_ehr_npm_before} )) || typeset -g _ehr_npm_before=${_comps[npm]:-_default}',
      '',
      '_ehr_npm_words() { _ehr_client_from "$(_ehr_client_start)"; }',
      '',
      '_ehr_npm() {',
      '  if [[ " ${words[1,CURRENT-1]} " == *" client -- "* ]]; then',
      '    _bash_complete -o default -F _ehr_npm_words',
      '  else',
      '    "$_ehr_npm_before"',
      '  fi',
      '}',
      '',
      'compdef _ehr_npm npm',
      'complete -o default -F _ehr_client client',
    ],
  ],
};
