-- One statement: some managed servers refuse a table without a primary key, be it for a moment.
ALTER TABLE `portal_login` DROP PRIMARY KEY, ADD PRIMARY KEY(`login_key`,`credential_hash`);
