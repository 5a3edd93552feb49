import Crypto
import DripCore
import DripStore
import Foundation
import GRDB

// What programs need that people do not: leave to ask, pages of what there is much of, and events that are told apart.
//
// The rule of events: what a sender calls one is known for seven days by a keyed hash, beside a hash of what it said. Whatever is
// older goes, two for each that comes, so that no commit has much to do; those of a lead that is erased go with it.

struct ProgramStatements {
    let leads: SQLStatement
    let suppressions: SQLStatement
    let tokens: SQLStatement
    let addToken: SQLStatement
    let revokeToken: SQLStatement
    let findEvent: SQLStatement
    let addEvent: SQLStatement
    let forgetEvents: SQLStatement
    let forgetLead: SQLStatement

    init(_ db: Database) {
        leads = SQLStatement(
            db,
            """
            SELECT \(LeadStatements.columns) FROM leads l LEFT JOIN mailboxes m ON m.id = l.mailbox
            WHERE l.id > ? AND l.merged_into IS NULL AND l.erased_at IS NULL ORDER BY l.id LIMIT ?
            """)
        suppressions = SQLStatement(
            db,
            """
            SELECT id, address, suppressed, suppressed_note, suppressed_at FROM mailboxes
            WHERE id > ? AND suppressed IS NOT NULL AND address NOT LIKE 'erased:%' ORDER BY id LIMIT ?
            """)
        tokens = SQLStatement(db, "SELECT name, hash, scopes, created_at FROM tokens ORDER BY name")
        addToken = SQLStatement(
            db, "INSERT OR IGNORE INTO tokens (name, hash, scopes, created_at) VALUES (?, ?, ?, ?)")
        revokeToken = SQLStatement(db, "DELETE FROM tokens WHERE name = ?")
        findEvent = SQLStatement(db, "SELECT said FROM event_ids WHERE hash = ? AND at >= ?")
        addEvent = SQLStatement(db, "INSERT OR REPLACE INTO event_ids (hash, said, at, lead) VALUES (?, ?, ?, ?)")
        forgetLead = SQLStatement(db, "DELETE FROM event_ids WHERE lead = ?")
        forgetEvents = SQLStatement(
            db,
            """
            DELETE FROM event_ids WHERE n IN
            (SELECT n FROM (SELECT n, at FROM event_ids ORDER BY n LIMIT 2) WHERE at < ?)
            """)
    }
}

extension Session {
    private static let eventsAreKept = TimeSpan.days(7)

    func leads(after: LeadID?, limit: Int) throws -> [Lead] {
        try read { () throws(StoreError) in
            let row = programSQL.leads.bind(1, after?.rawValue ?? 0).bind(2, Int64(limit))
            defer { row.reset() }
            var leads: [Lead] = []
            while try row.step() { leads.append(try lead(row, at: 0).lead) }
            return leads
        }
    }

    func suppressions(
        after: Int64?, limit: Int
    ) throws -> [(number: Int64, address: String, suppression: Suppression)] {
        try read { () throws(StoreError) in
            let row = programSQL.suppressions.bind(1, after ?? 0).bind(2, Int64(limit))
            defer { row.reset() }
            var found: [(number: Int64, address: String, suppression: Suppression)] = []
            while try row.step() {
                guard let suppression = try suppression(row, at: 2) else { continue }
                found.append((row.int(0), row.text(1), suppression))
            }
            return found
        }
    }

    func tokens() throws -> [AccessToken] {
        try read { () throws(StoreError) in
            let row = programSQL.tokens
            defer { row.reset() }
            var tokens: [AccessToken] = []
            while try row.step() {
                let scopes = row.text(2).split(separator: " ").compactMap { AccessToken.Scope(rawValue: String($0)) }
                tokens.append(
                    AccessToken(
                        name: row.text(0), scopes: scopes, hash: row.text(1),
                        createdAt: Instant(milliseconds: row.int(3))))
            }
            return tokens
        }
    }

    func add(_ token: AccessToken) throws -> Bool {
        try write { () throws(StoreError) in
            programSQL.addToken.bind(1, token.name).bind(2, token.hash)
            programSQL.addToken.bind(3, token.scopes.map(\.rawValue).joined(separator: " "))
            try programSQL.addToken.bind(4, token.createdAt.milliseconds).run()
            return programSQL.addToken.changes > 0
        }
    }

    func revokeToken(_ name: String) throws -> Bool {
        try write { () throws(StoreError) in
            try programSQL.revokeToken.bind(1, name).run()
            return programSQL.revokeToken.changes > 0
        }
    }

    func recognise(
        event id: String, saying spelling: String, of lead: LeadID?, at: Instant
    ) throws -> EventRecognition {
        try write { () throws(StoreError) in
            let (hash, said) = (keyed("event id \(id)"), keyed("event \(spelling)"))
            let horizon = (at - Self.eventsAreKept).milliseconds
            let row = programSQL.findEvent.bind(1, hash).bind(2, horizon)
            defer { row.reset() }
            if try row.step() {
                return try row.bytes(0) == said ? .repeated : .contradicted
            }
            guard let lead else { return .new }
            try programSQL.addEvent.bind(1, hash).bind(2, said).bind(3, at.milliseconds)
                .bind(4, lead.rawValue).run()
            try programSQL.forgetEvents.bind(1, horizon).run()
            return .new
        }
    }

    /// 128 bits, by a secret of this installation: a sender's name for an event may tell who it is about.
    private func keyed(_ text: String) -> [UInt8] {
        Array(HMAC<SHA256>.authenticationCode(for: Data(text.utf8), using: eraseKey).prefix(16))
    }
}
