import DripCore
import DripStore
import GRDB

// Where leads stand, as their rows hold it.

struct StageStatements {
    let set: SQLStatement
    let next: SQLStatement
    let due: SQLStatement

    init(_ db: Database) {
        set = SQLStatement(
            db, "UPDATE leads SET stage = ?2, stage_since = ?3, stage_armed = ?4, look_at = ?5 WHERE id = ?1")
        next = SQLStatement(db, "SELECT min(look_at) FROM leads WHERE look_at IS NOT NULL")
        due = SQLStatement(
            db, "SELECT id FROM leads WHERE look_at IS NOT NULL AND look_at <= ? ORDER BY look_at, id LIMIT ?")
    }
}

extension Stage {
    /// As rows hold it; these never change.
    fileprivate var number: Int64 {
        switch self {
        case .lead: 0
        case .mql: 1
        case .sql: 2
        case .customer: 3
        case .recycled: 4
        case .disqualified: 5
        }
    }
}

extension Session {
    func stage(numbered number: Int64) throws(StoreError) -> Stage {
        guard let stage = Stage.allCases.first(where: { $0.number == number }) else {
            throw .corrupt("no stage has the number \(number)")
        }
        return stage
    }

    /// Reads a stage from four columns that begin there.
    func stage(_ row: SQLStatement, at base: Int32) throws(StoreError) -> LeadStage {
        LeadStage(
            try stage(numbered: row.optionalInt(base) ?? 0),
            since: row.optionalInt(base + 1).map(Instant.init(milliseconds:)),
            isArmed: row.optionalInt(base + 2) == 1, lookAt: row.optionalInt(base + 3).map(Instant.init(milliseconds:)))
    }

    func setStage(_ stage: LeadStage, of lead: LeadID) throws {
        try write { () throws(StoreError) in
            moved(lead)
            let before = try storedLead(lead).lead
            var after = before
            after.stage = stage
            try notePromise(of: lead, after.openPromise, was: before.openPromise)
            try write(stage, of: lead)
        }
    }

    func write(_ stage: LeadStage, of lead: LeadID) throws(StoreError) {
        let row = stageSQL.set.bind(1, lead.rawValue).bind(2, stage == LeadStage() ? nil : stage.stage.number)
        row.bind(3, stage.since?.milliseconds).bind(4, stage.isArmed ? 1 : nil).bind(5, stage.lookAt?.milliseconds)
        try row.run()
    }

    func nextLookAt() throws -> Instant? {
        try read { () throws(StoreError) in
            defer { stageSQL.next.reset() }
            guard try stageSQL.next.step() else { return nil }
            return stageSQL.next.optionalInt(0).map(Instant.init(milliseconds:))
        }
    }

    func leadsToLookAt(by now: Instant, limit: Int) throws -> [Lead] {
        try read { () throws(StoreError) in
            let row = stageSQL.due.bind(1, now.milliseconds).bind(2, limit)
            var ids: [LeadID] = []
            while try row.step() { ids.append(LeadID(rawValue: row.int(0))) }
            var leads: [Lead] = []
            for id in ids { leads.append(try storedLead(id).lead) }
            return leads
        }
    }
}
