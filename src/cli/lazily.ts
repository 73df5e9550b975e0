/** Those of a module's functions that can carry out a command. */
type ActionOf<Module> = {
  [Name in keyof Module]: Module[Name] extends (...args: never[]) => void | Promise<void> ? Name : never;
}[keyof Module];

/** Loads a command's module when the command runs: most of them bring Temporal's client and a database driver. */
export function lazily<Module>(load: () => Promise<Module>, name: ActionOf<Module>) {
  return async (...args: unknown[]): Promise<void> => {
    const action = (await load())[name] as (...args: unknown[]) => void | Promise<void>;
    await action(...args);
  };
}
