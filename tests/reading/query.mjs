// SPDX-License-Identifier: Apache-2.0
//
// query.mjs SQL: what DuckDB answers in the present directory, one line a row.
import { DuckDBInstance } from '@duckdb/node-api';

const connection = await (await DuckDBInstance.create(':memory:')).connect();
const answer = await connection.runAndReadAll(process.argv[2]);
for (const row of answer.getRowsJson()) {
    console.log(row.join(' '));
}
