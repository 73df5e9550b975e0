/** Other faces of the same portal, with other words and another way to the file, for recipes that never saw them. */
export const lookNames = ['tabs', 'tree', 'inbox'] as const;

export type LookName = (typeof lookNames)[number];

export interface Look {
  /** The page's script in `browser/`. */
  readonly script: string;
  readonly signIn: {
    readonly title: string;
    readonly user: string;
    readonly password: string;
    readonly button: string;
  };
}

export const looks: Readonly<Record<LookName, Look>> = {
  /** Navigation, tabs, a form with typed dates. */
  tabs: {
    script: 'app.js',
    signIn: { title: 'Sign in', user: 'User name', password: 'Password', button: 'Log in' },
  },
  /** A tree of folders, reports in a table, days picked from a calendar. */
  tree: {
    script: 'tree.js',
    signIn: { title: 'Welcome', user: 'Staff ID', password: 'Passphrase', button: 'Enter' },
  },
  /** Menus, a request with date inputs; the file arrives in an inbox, which must be refreshed. */
  inbox: {
    script: 'inbox.js',
    signIn: { title: 'Sign on', user: 'E-mail or login', password: 'Passcode', button: 'Continue' },
  },
};
