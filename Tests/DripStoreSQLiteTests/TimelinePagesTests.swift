import DripCore
import DripStore
import DripTesting
import Foundation
import Testing

@testable import DripStoreSQLite

/// Pages of a lead's timeline.
@Suite struct TimelinePagesTests {
    private static let limit = 25

    private func page(_ store: SQLiteStore, of lead: LeadID, after: Int64?) throws -> (entries: [Int64], read: Int) {
        let before = try store.inspect { $0.entriesWalked }
        // One more than asked says whether there are more, as the engine does.
        let found = try store.read { try $0.timeline(of: lead, after: after, limit: Self.limit + 1) }
        return (found.map(\.number), try store.inspect { $0.entriesWalked } - before)
    }

    @Test func aPageCostsWhatAPageCosts() throws {
        let place = try ScratchDirectory()
        let store = try SQLiteStore.open(directory: place.path, holder: "test", now: StoreBed.start)
        defer { store.close() }
        func write(_ count: Int, of lead: LeadID, _ runs: [EnrollmentID]) throws {
            try store.commit(at: StoreBed.start, today: StoreBed.day) { transaction in
                for number in 0..<count {
                    let run = number % 3 == 0 ? nil : runs[number % 3 - 1]
                    try transaction.journal(
                        JournalEntry(
                            at: StoreBed.start, kind: .event, lead: lead, enrollment: run,
                            campaign: run == nil ? nil : StoreBed.news, detail: "\(number)"))
                }
            }
        }
        let (lead, runs) = try store.commit(at: StoreBed.start, today: StoreBed.day) { transaction in
            let lead = try transaction.upsert(try StoreBed.draft("budi")).lead.id
            let runs = try [StoreBed.news, StoreBed.nurture].map { campaign in
                try transaction.enroll(lead, in: campaign, at: StoreBed.start, first: StoreBed.step())
            }
            return (lead, runs.compactMap(\.self))
        }
        try write(600, of: lead, [runs[0], runs[0]])
        try write(600, of: lead, [runs[0], runs[0]])
        let all = try store.read { try $0.timeline(of: lead, after: nil, limit: 10_000) }.map(\.number)
        #expect(all.count == 1_202)
        var (seen, after, most) = ([Int64](), Int64?.none, 0)
        repeat {
            let (found, read) = try page(store, of: lead, after: after)
            seen += found.prefix(Self.limit)
            most = max(most, read)
            after = found.count > Self.limit ? found[Self.limit - 1] : nil
            // What comes meanwhile is newer than every page behind.
            if seen.count == 100 { try write(50, of: lead, [runs[0], runs[0]]) }
        } while after != nil
        #expect(seen == all)
        #expect(most <= Self.limit + 3, "\(most) entries were read for a page")
    }

    @Test func afterARestartAMergeOrAnErasureAPageIsStillRight() throws {
        let place = try ScratchDirectory()
        var store = try SQLiteStore.open(directory: place.path, holder: "test", now: StoreBed.start)
        func add(_ name: String, _ count: Int) throws -> LeadID {
            try store.commit(at: StoreBed.start, today: StoreBed.day) { transaction in
                let lead = try transaction.upsert(try StoreBed.draft(name)).lead.id
                for _ in 0..<count {
                    try transaction.journal(JournalEntry(at: StoreBed.start, kind: .event, lead: lead, detail: name))
                }
                return lead
            }
        }
        let other = try add("ani", 40)
        let lead = try add("budi", 100)
        let first = try page(store, of: lead, after: nil).entries
        let cursor = first[Self.limit - 1]
        let expected = try page(store, of: lead, after: cursor).entries
        store.close()
        store = try SQLiteStore.open(directory: place.path, holder: "test", now: StoreBed.start)
        #expect(try page(store, of: lead, after: cursor).entries == expected)
        let low = try page(store, of: lead, after: expected[Self.limit - 1]).entries[Self.limit - 1]
        let before = try page(store, of: lead, after: low).entries
        #expect(before.count == 25)
        try store.commit(at: StoreBed.start, today: StoreBed.day) { transaction in
            guard let into = try transaction.lead(key: StoreBed.draft("budi").key) else { return }
            _ = try transaction.merge(other, into: into, at: StoreBed.start)
        }
        let merged = try page(store, of: lead, after: low).entries
        #expect(merged.count == Self.limit + 1 && merged.prefix(25) == before.prefix(25), "with what the other did")
        store.close()
    }
}
