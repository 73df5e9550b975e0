/** The settings of one service of pipeline.yaml's groups. */
export interface ServiceSetting {
  /** As written, without an effective date; compared whole and ignoring case. */
  readonly code: string;
  /** Whether dashboards can hide it. */
  readonly respite: boolean;
}

export const respiteUnsaid =
  'pipeline.yaml says of no service whether it is respite, so pages cannot hide it and is_rci is NULL in the views';
