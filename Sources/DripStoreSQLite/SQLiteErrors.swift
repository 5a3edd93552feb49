import DripStore
import GRDB
import GRDBSQLite

extension StoreError {
    /// What SQLite's result code means for the engine, and what a person can do about it.
    init(sqlite code: Int32, message: String) {
        switch code & 0xFF {
        // The log's index, in `-shm`, is the one file whose growth SQLite does not call full when it fails.
        case SQLITE_FULL,
            SQLITE_IOERR where code == Self.indexCannotGrow:
            self.init(
                .full, "the state could not grow (\(message)): free space on its disk; sending goes on by itself after")
        case SQLITE_IOERR:
            self.init(
                .io,
                "reading or writing the state failed (\(message), SQLite code \(code)): check the disk, then restart dripd"
            )
        case SQLITE_CORRUPT, SQLITE_NOTADB:
            self.init(
                .corrupt,
                "the state is damaged (\(message)): stop dripd, keep a copy of its directory, restore a backup")
        case SQLITE_BUSY, SQLITE_LOCKED:
            self.init(
                .locked,
                "another program holds the database (\(message)): end what writes to it, such as a sqlite3 shell")
        case SQLITE_CANTOPEN, SQLITE_PERM, SQLITE_READONLY, SQLITE_AUTH:
            self.init(
                .io, "the database cannot be opened or written (\(message)): check the owner and mode of its directory")
        default:
            self.init(.misuse, "SQLite refused (\(message), code \(code)): this is a defect of dripd, please report it")
        }
    }

    /// SQLITE_IOERR_SHMSIZE, a macro that Swift does not import.
    private static let indexCannotGrow = SQLITE_IOERR | 19 << 8

    /// The store's view of whatever was thrown: its own errors as they are, SQLite's by code, all else as misuse.
    init(any error: any Error) {
        switch error {
        case let error as StoreError: self = error
        case let error as DatabaseError:
            self.init(sqlite: error.extendedResultCode.rawValue, message: error.message ?? "no message")
        default: self.init(.misuse, "a commit was abandoned: \(error)")
        }
    }

    static func corrupt(_ what: String) -> StoreError {
        StoreError(.corrupt, "\(what): stop dripd, keep a copy of the directory, restore a backup")
    }
}
