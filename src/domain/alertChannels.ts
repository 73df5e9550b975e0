/** Where alerts go, as `alerts` in pipeline.yaml says. */
export interface AlertChannels {
  readonly webhook: string;
  readonly mail: { readonly to: readonly string[] };
}

/** Whether alerts go anywhere. */
export function hasAlerts({ alerts }: { readonly alerts: AlertChannels }): boolean {
  return alerts.webhook !== 'none' || alerts.mail.to.length > 0;
}
