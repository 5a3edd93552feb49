import DripStore
import Foundation
import GRDBSQLite

/// What this machine can do at best: rows appended to one table and nothing else, made durable by the thousand.
enum AppendLimit {
    /// Rows per second, through SQLite's own calls.
    static func measure(directory: String, rows: Int, batch: Int) throws -> Double {
        var database: OpaquePointer?
        guard sqlite3_open(directory + "/append.sqlite", &database) == SQLITE_OK else {
            throw StoreError(.io, "the scratch database cannot be opened")
        }
        defer { sqlite3_close(database) }
        try run(database, "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 8192")
        try run(
            database,
            """
            CREATE TABLE IF NOT EXISTS appended (id INTEGER PRIMARY KEY, prev INTEGER, at INTEGER, lead INTEGER,
            enrollment INTEGER, campaign INTEGER, step INTEGER, kind INTEGER, reason TEXT, planned_at INTEGER, detail TEXT)
            """)
        var statement: OpaquePointer?
        sqlite3_prepare_v2(
            database,
            """
            INSERT INTO appended (prev, at, lead, enrollment, campaign, step, kind, planned_at, detail)
            VALUES (?1, ?2, ?1, ?1, 1, 1, 5, ?2, '250 2.0.0 Ok: queued as 4Rk2Xp7vZz')
            """, -1, &statement, nil)
        defer { sqlite3_finalize(statement) }
        let clock = ContinuousClock()
        let began = clock.now
        for first in stride(from: 0, to: rows, by: batch) {
            try run(database, "BEGIN IMMEDIATE")
            for row in first..<min(rows, first + batch) {
                sqlite3_bind_int64(statement, 1, Int64(row))
                sqlite3_bind_int64(statement, 2, 1_764_547_200_000 + Int64(row))
                guard sqlite3_step(statement) == SQLITE_DONE else { throw StoreError(.io, "a row was not appended") }
                sqlite3_reset(statement)
            }
            try run(database, "COMMIT")
        }
        return Double(rows) / began.duration(to: clock.now).seconds
    }

    private static func run(_ database: OpaquePointer?, _ sql: String) throws {
        guard sqlite3_exec(database, sql, nil, nil, nil) == SQLITE_OK else {
            throw StoreError(.io, "the scratch database refused: \(String(cString: sqlite3_errmsg(database)))")
        }
    }

    /// Bytes of each table and index of a closed store.
    static func sizes(of path: String) throws -> [String: Int] {
        var database: OpaquePointer?
        guard sqlite3_open_v2(path, &database, SQLITE_OPEN_READONLY, nil) == SQLITE_OK else { return [:] }
        defer { sqlite3_close(database) }
        var statement: OpaquePointer?
        sqlite3_prepare_v2(database, "SELECT name, sum(pgsize) FROM dbstat GROUP BY name", -1, &statement, nil)
        defer { sqlite3_finalize(statement) }
        var sizes: [String: Int] = [:]
        while sqlite3_step(statement) == SQLITE_ROW {
            sizes[String(cString: sqlite3_column_text(statement, 0))] = Int(sqlite3_column_int64(statement, 1))
        }
        return sizes
    }
}
