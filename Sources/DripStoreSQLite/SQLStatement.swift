import DripStore
import GRDB
import GRDBSQLite

/// One statement, prepared at its first use, kept for the life of the connection and bound by position.
///
/// All of it goes straight to SQLite. Binding, stepping and reading are the per-row costs (a third of a step, measured);
/// preparing was most of an opening, because GRDB has SQLite report every column to it, and few of all statements are
/// used in one life of a command. Columns count from 0, parameters from 1, as in SQLite itself.
final class SQLStatement {
    private let connection: SQLiteConnection?
    private let sql: String
    private var prepared: OpaquePointer?
    private var failedBind = SQLITE_OK

    init(_ db: Database, _ sql: String) {
        connection = db.sqliteConnection
        self.sql = sql
    }

    deinit { sqlite3_finalize(prepared) }

    /// Nil where it cannot be prepared, which the next step then tells.
    private var handle: OpaquePointer? {
        if let prepared { return prepared }
        let code = sqlite3_prepare_v3(connection, sql, -1, UInt32(SQLITE_PREPARE_PERSISTENT), &prepared, nil)
        if code != SQLITE_OK { failedBind = code }
        return prepared
    }

    // MARK: Running

    /// Goes to the next row; false when there is none, and the statement is then ready for its next use.
    func step() throws(StoreError) -> Bool {
        let handle = handle
        guard failedBind == SQLITE_OK else { throw failure(failedBind) }
        let code = sqlite3_step(handle)
        if code == SQLITE_ROW { return true }
        guard code == SQLITE_DONE else { throw failure(code) }
        sqlite3_reset(handle)
        return false
    }

    /// Runs a statement that returns no rows.
    func run() throws(StoreError) {
        while try step() {}
    }

    /// Must follow a read that stopped before its last row, lest it hold its snapshot.
    func reset() {
        sqlite3_reset(prepared)
    }

    /// Rows that the last insert, update or delete on this connection touched.
    var changes: Int { Int(sqlite3_changes(connection)) }

    private func failure(_ code: Int32) -> StoreError {
        let error = StoreError(sqlite: code, message: String(cString: sqlite3_errmsg(connection)))
        failedBind = SQLITE_OK
        sqlite3_reset(prepared)
        return error
    }

    // MARK: Binding

    @discardableResult
    func bind(_ index: Int32, _ value: Int64) -> Self {
        note(sqlite3_bind_int64(handle, index, value))
    }

    @discardableResult
    func bind(_ index: Int32, _ value: Int64?) -> Self {
        guard let value else { return bindNull(index) }
        return bind(index, value)
    }

    @discardableResult
    func bind(_ index: Int32, _ value: Int) -> Self { bind(index, Int64(value)) }

    @discardableResult
    func bind(_ index: Int32, _ text: String?) -> Self {
        guard var text else { return bindNull(index) }
        return text.withUTF8 { utf8 in
            // An empty buffer may have no address, which SQLite would read as NULL.
            guard let start = utf8.baseAddress else {
                return note(sqlite3_bind_text(handle, index, "", 0, Self.copied))
            }
            return start.withMemoryRebound(to: CChar.self, capacity: utf8.count) {
                note(sqlite3_bind_text(handle, index, $0, Int32(clamping: utf8.count), Self.copied))
            }
        }
    }

    @discardableResult
    func bind(_ index: Int32, _ bytes: [UInt8]?) -> Self {
        guard let bytes else { return bindNull(index) }
        if bytes.isEmpty { return note(sqlite3_bind_zeroblob(handle, index, 0)) }
        return bytes.withUnsafeBytes {
            note(sqlite3_bind_blob(handle, index, $0.baseAddress, Int32(clamping: $0.count), Self.copied))
        }
    }

    @discardableResult
    func bindNull(_ index: Int32) -> Self { note(sqlite3_bind_null(handle, index)) }

    private func note(_ code: Int32) -> Self {
        if code != SQLITE_OK, failedBind == SQLITE_OK { failedBind = code }
        return self
    }

    /// SQLITE_TRANSIENT: SQLite copies before the call returns.
    private static let copied = unsafeBitCast(-1, to: sqlite3_destructor_type.self)

    // MARK: Columns

    func isNull(_ column: Int32) -> Bool { sqlite3_column_type(prepared, column) == SQLITE_NULL }
    func isInteger(_ column: Int32) -> Bool { sqlite3_column_type(prepared, column) == SQLITE_INTEGER }

    func int(_ column: Int32) -> Int64 { sqlite3_column_int64(prepared, column) }
    func optionalInt(_ column: Int32) -> Int64? { isNull(column) ? nil : int(column) }

    func text(_ column: Int32) -> String {
        guard let start = sqlite3_column_text(prepared, column) else { return "" }
        let count = Int(sqlite3_column_bytes(prepared, column))
        return String(decoding: UnsafeBufferPointer(start: start, count: count), as: UTF8.self)
    }

    func optionalText(_ column: Int32) -> String? { isNull(column) ? nil : text(column) }

    /// Lends the bytes of a blob; they are gone with the row.
    func withBytes<Result>(
        _ column: Int32, _ body: (UnsafeRawBufferPointer) throws(StoreError) -> Result
    ) throws(StoreError) -> Result {
        let start = sqlite3_column_blob(prepared, column)
        return try body(UnsafeRawBufferPointer(start: start, count: Int(sqlite3_column_bytes(prepared, column))))
    }

    func bytes(_ column: Int32) throws(StoreError) -> [UInt8] {
        try withBytes(column) { Array($0) }
    }
}
