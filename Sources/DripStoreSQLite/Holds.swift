// What people paused, kept in memory beside its table: a handful of rows that every claim asks about.
//
// The rule: a held campaign's timers stay where they are and are neither claimed nor the next due; `everything` holds
// all of them. A held transport is kept here and respected by the engine, which knows the transports.

import DripCore
import DripStore
import GRDB

final class Holds {
    private(set) var all: [Hold.Target: Hold] = [:]
    /// The numbers of held campaigns.
    private(set) var campaigns: Set<Int64> = []
    var isEverything: Bool { all[.everything] != nil }

    /// Whether nothing of the campaign with that number may go.
    func holds(_ campaign: Int64) -> Bool { isEverything || campaigns.contains(campaign) }

    private let insert: SQLStatement
    private let delete: SQLStatement
    private let rows: SQLStatement

    init(_ db: Database) {
        insert = SQLStatement(db, "INSERT INTO holds (target, since, note) VALUES (?, ?, ?)")
        delete = SQLStatement(db, "DELETE FROM holds WHERE target = ?")
        rows = SQLStatement(db, "SELECT target, since, note FROM holds")
    }

    /// Takes what is committed; `number` names a campaign's.
    func load(number: (CampaignID) throws(StoreError) -> Int64) throws(StoreError) {
        (all, campaigns) = ([:], [])
        while try rows.step() {
            guard let target = Hold.Target(rawValue: rows.text(0)) else {
                throw .corrupt("a hold is of \"\(rows.text(0))\", which this version does not know")
            }
            let hold = Hold(target: target, since: Instant(milliseconds: rows.int(1)), note: rows.text(2))
            try keep(hold, number)
        }
    }

    func add(_ hold: Hold, number: (CampaignID) throws(StoreError) -> Int64) throws(StoreError) -> Bool {
        guard all[hold.target] == nil else { return false }
        insert.bind(1, hold.target.rawValue).bind(2, hold.since.milliseconds)
        try insert.bind(3, hold.note).run()
        try keep(hold, number)
        return true
    }

    func remove(
        _ target: Hold.Target, number: (CampaignID) throws(StoreError) -> Int64
    ) throws(StoreError) -> Bool {
        guard all[target] != nil else { return false }
        try delete.bind(1, target.rawValue).run()
        all[target] = nil
        if case .campaign(let id) = target { campaigns.remove(try number(id)) }
        return true
    }

    private func keep(_ hold: Hold, _ number: (CampaignID) throws(StoreError) -> Int64) throws(StoreError) {
        all[hold.target] = hold
        if case .campaign(let id) = hold.target { campaigns.insert(try number(id)) }
    }
}

extension Session {
    func holds() throws -> [Hold] {
        try read { () throws(StoreError) in
            heldNow.all.values.sorted { $0.target < $1.target }
        }
    }

    func hold(_ hold: Hold) throws -> Bool {
        try write { () throws(StoreError) in
            forgetWaiting()
            return try heldNow.add(hold, number: names.number(of:))
        }
    }

    func release(_ target: Hold.Target) throws -> Bool {
        try write { () throws(StoreError) in
            forgetWaiting()
            guard try heldNow.remove(target, number: names.number(of:)) else { return false }
            try wakeUnwoken()
            return true
        }
    }

    func pause(_ lead: LeadID, _ pause: LeadPause) throws {
        try write { () throws(StoreError) in
            try require(lead)
            moved(lead)
            try write(pause, of: lead)
        }
    }

    func write(_ pause: LeadPause, of lead: LeadID) throws(StoreError) {
        leadSQL.setPaused.bind(1, lead.rawValue).bind(2, pause.end.milliseconds)
        try leadSQL.setPaused.bind(3, pause.since.milliseconds).bind(4, pause.note).run()
    }

    func interruptions() throws -> [Interruption] {
        try read { () throws(StoreError) in
            var interruptions: [Interruption] = []
            for line in (try meta("interruptions") ?? "").split(separator: "\n") {
                guard let interruption = Interruption(String(line)) else {
                    throw .corrupt("an interruption is \"\(line)\", which this version does not know")
                }
                interruptions.append(interruption)
            }
            return interruptions
        }
    }

    func setInterruptions(_ interruptions: [Interruption]) throws {
        try write { () throws(StoreError) in
            try setMeta("interruptions", to: interruptions.map(\.description).joined(separator: "\n"))
        }
    }

    func routes() throws -> [Route] {
        try read { () throws(StoreError) in
            var routes: [Route] = []
            for number in timers.routes.sorted() { routes.append(try names.route(number)) }
            return routes
        }
    }

    func transportDays() throws -> [TransportDay] {
        try read { () throws(StoreError) in
            var days: [TransportDay] = []
            for line in (try meta("transport_days") ?? "").split(separator: "\n") {
                guard let day = TransportDay(String(line)) else {
                    throw .corrupt("a transport's day is \"\(line)\", which this version does not know")
                }
                days.append(day)
            }
            return days
        }
    }

    func setTransportDays(_ days: [TransportDay]) throws {
        try write { () throws(StoreError) in
            try setMeta("transport_days", to: days.map(\.description).joined(separator: "\n"))
        }
    }

    func lastTurnAt() throws -> Instant? {
        try read { () throws(StoreError) in
            books[.lastTurn] == 0 ? nil : Instant(milliseconds: books[.lastTurn])
        }
    }

    func setLastTurn(_ at: Instant) throws {
        try write { () throws(StoreError) in books[.lastTurn] = at.milliseconds }
    }

    func nextSlotAt() throws -> Instant {
        try read { () throws(StoreError) in Instant(milliseconds: books[.nextSlot]) }
    }

    func setNextSlot(_ at: Instant) throws {
        try write { () throws(StoreError) in books[.nextSlot] = at.milliseconds }
    }
}
