import { createSqliteClaimStore } from './claim-store.ts';
import { describeClaimStore } from './claim-store-contract.ts';
import { openDatabase } from './database.ts';

describeClaimStore('SQLite', () => {
	const database = openDatabase(':memory:');
	if (!database.ok) throw new Error(database.error.reason);
	return createSqliteClaimStore({ database: database.value });
});
