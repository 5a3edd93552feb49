import DripStore
import GRDB
import GRDBSQLite

/// The statements around every commit and read, prepared once: parsing them each time costs as much as a small commit.
struct TransactionStatements {
    enum Kind { case deferred, immediate }

    private let beginDeferred: SQLStatement
    private let beginImmediate: SQLStatement
    private let commit: SQLStatement
    private let rollback: SQLStatement

    init(_ db: Database) {
        beginDeferred = SQLStatement(db, "BEGIN DEFERRED TRANSACTION")
        beginImmediate = SQLStatement(db, "BEGIN IMMEDIATE TRANSACTION")
        commit = SQLStatement(db, "COMMIT TRANSACTION")
        rollback = SQLStatement(db, "ROLLBACK TRANSACTION")
    }

    /// Runs `body` in a transaction, which is rolled back when it throws, or when the commit itself fails.
    func run(_ kind: Kind, on connection: SQLiteConnection?, _ body: () throws -> Void) throws {
        try (kind == .immediate ? beginImmediate : beginDeferred).run()
        do {
            try body()
            try commit.run()
        } catch {
            // SQLite may have rolled back by itself; and where even that fails, the first error is the one to tell.
            if sqlite3_get_autocommit(connection) == 0 { try? rollback.run() }
            throw error
        }
    }
}

extension Session {
    func inTransaction(_ kind: TransactionStatements.Kind, _ body: () throws -> Void) throws {
        try transactionSQL.run(kind, on: database.sqliteConnection, body)
    }
}
