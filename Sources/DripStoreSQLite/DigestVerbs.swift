import DripCore
import DripStore
import GRDB

// Who has been told of which weeks by mail: a row for each who gets the digest.

struct DigestStatements {
    let all: SQLStatement
    let forgetAll: SQLStatement
    let insert: SQLStatement

    init(_ db: Database) {
        all = SQLStatement(db, "SELECT recipient, until FROM digests")
        forgetAll = SQLStatement(db, "DELETE FROM digests")
        insert = SQLStatement(db, "INSERT INTO digests (recipient, until) VALUES (?, ?)")
    }
}

extension Session {
    func digestsReported() throws -> [String: Instant] {
        try read { () throws(StoreError) in
            let row = digestSQL.all
            defer { row.reset() }
            var notes: [String: Instant] = [:]
            while try row.step() { notes[row.text(0)] = Instant(milliseconds: row.int(1)) }
            return notes
        }
    }

    func setDigestsReported(_ notes: [String: Instant]) throws {
        try write { () throws(StoreError) in
            try digestSQL.forgetAll.run()
            for (recipient, until) in notes.sorted(by: { $0.key < $1.key }) {
                try digestSQL.insert.bind(1, recipient).bind(2, until.milliseconds).run()
            }
        }
    }
}
