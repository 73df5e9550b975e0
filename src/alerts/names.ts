/** The names by which operators and other programs know the alerts. */

export const alertScheduleId = 'ehr-alerts';

/** Where people can be told. Each remembers by itself what it has told. */
export const channelNames = ['webhook', 'mail'] as const;

export type ChannelName = (typeof channelNames)[number];
