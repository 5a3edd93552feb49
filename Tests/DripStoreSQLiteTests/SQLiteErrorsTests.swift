import DripStore
import Testing

@testable import DripStoreSQLite

@Suite struct SQLiteErrorsTests {
    /// Extended result codes, from https://sqlite.org/rescode.html.
    @Test(
        arguments: [
            (13, .full, "SQLITE_FULL"),
            (4_874, .full, "SQLITE_IOERR_SHMSIZE: the log's index cannot grow on a full disk"),
            (10, .io, "SQLITE_IOERR"),
            (1_034, .io, "SQLITE_IOERR_FSYNC"),
            (778, .io, "SQLITE_IOERR_WRITE"),
            (5, .locked, "SQLITE_BUSY"),
            (517, .locked, "SQLITE_BUSY_SNAPSHOT"),
            (11, .corrupt, "SQLITE_CORRUPT"),
            (8, .io, "SQLITE_READONLY"),
            (19, .misuse, "SQLITE_CONSTRAINT"),
        ] as [(Int32, StoreError.Kind, String)])
    func aCodeSaysWhatHasToHappen(code: Int32, kind: StoreError.Kind, name: String) {
        #expect(StoreError(sqlite: code, message: "").kind == kind, "\(name)")
    }
}
