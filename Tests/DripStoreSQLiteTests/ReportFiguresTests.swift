import DripCore
import DripStore
import DripTesting
import Foundation
import GRDB
import Testing

@testable import DripStoreSQLite

/// The roll-ups in the store; what they mean, `ReportTests` counts by hand.
@Suite struct ReportFiguresTests {
    private let place: ScratchDirectory

    init() throws { place = try ScratchDirectory() }

    private func open() throws -> SQLiteStore {
        try SQLiteStore.open(directory: place.path + "/state", holder: "test", now: StoreBed.start)
    }

    @Test(arguments: [
        "d20820,1798848000000;", "d20820,1798848000000;s3;g1,4;m20829,1799660400000;", "c1,2;v202701,5,1,0,0;", "",
    ])
    func factsOfALeadComeBack(text: String) throws { #expect(try LeadFacts(text).text == text) }

    @Test(arguments: ["d20820;", "d20820;h;w20830;e1,20820,3;e12,20821,16;v202701,5,1,7,2;"])
    func factsOfARunComeBack(text: String) throws { #expect(try RunFacts(text).text == text) }

    @Test(arguments: [
        "d1", "d1,2", "x1;", "d1,2,3;", "1;", "d;", "d,1;", "d1,,2;", "d-1,2;", "d99999999999999999999,1;", "v1,2;",
        "dd1;", ";",
    ])
    func damageIsTold(text: String) {
        #expect(throws: StoreError.self) { try LeadFacts(text) }
        if text != "d1" { #expect(throws: StoreError.self) { try RunFacts(text) } }
    }

    private func rows(_ store: SQLiteStore) throws -> [String] {
        var rows: [String] = []
        for basis in FigureBasis.allCases {
            for dimension in FigureDimension.allCases {
                for row in try store.read({ try $0.figures(FigureQuery(basis, by: dimension)) }) {
                    rows.append(
                        "\(basis) \(dimension) \(row.month) \(row.value) \(row.campaign?.rawValue ?? "") "
                            + "\(row.step?.rawValue ?? "") \(row.measure.rawValue) \(row.n)")
                }
            }
        }
        return rows.sorted()
    }

    /// Whatever comes in whatever order: what was added one by one is what all rows add up to, also after a commit that failed.
    @Test(arguments: 1...8 as ClosedRange<UInt64>) func addedUpAnewTheyAreTheSame(seed: UInt64) throws {
        struct Refused: Error {}
        var random = SplitMix64(seed: seed)
        var store = try open()
        defer { store.close() }
        var (leads, runs): ([LeadID], [EnrollmentID]) = ([], [])
        for round in 0..<120 {
            // Clocks are set back, too.
            let hours = round * 37 % 500
            let now = StoreBed.start + .hours(Int64(hours))
            let today = StoreBed.day.adding(days: hours / 24)
            let number = Int(random.next() % 11)
            let isRefused = random.next() % 9 == 0
            let (knownLeads, knownRuns) = (leads, runs)
            let lead = leads.isEmpty ? nil : leads[Int(random.next() % UInt64(leads.count))]
            let other = leads.isEmpty ? nil : leads[Int(random.next() % UInt64(leads.count))]
            let run = runs.isEmpty ? nil : runs[Int(random.next() % UInt64(runs.count))]
            let step = StoreBed.step()
            let amount = Amount(thousandths: Int64(random.next() % 5_000))
            let marks = LeadMarks(
                source: ["ads", "mail", nil][Int(random.next() % 3)],
                segments: Set(["a", "b", "c"].filter { _ in random.next() % 2 == 0 }))
            do {
                try store.commit(at: now, today: today) { transaction in
                    switch (number, lead, run) {
                    case (0, _, _), (1, _, _):
                        leads.append(try transaction.upsert(try StoreBed.draft("lead\(round)")).lead.id)
                    case (2, let lead?, _), (3, let lead?, _):
                        let campaign = CampaignID(rawValue: round % 3 == 0 ? "c" : "d")
                        if let id = try transaction.enroll(
                            lead, in: campaign, at: now, first: step, key: "\(round)", data: [:], version: nil)
                        {
                            runs.append(id)
                            if round % 4 == 0 { try transaction.countHeldOut(id) }
                        }
                    case (4, _, let run?):
                        try transaction.count(message: step.step, of: run, on: .email, isInDoubt: round % 5 == 0)
                    case (5, _, let run?):
                        let deed = MessageDeed.allCases[round % 4]
                        try transaction.count(
                            deed, of: step.step, in: CampaignID(rawValue: "c"), by: run.lead,
                            run: round % 2 == 0 ? run : nil)
                    case (6, let lead?, _):
                        try transaction.countStage([.mql, .sql, .customer, .recycled][round % 4], of: lead, at: now)
                    case (7, let lead?, _): try transaction.setMarks(marks, of: lead)
                    case (8, let lead?, _):
                        try transaction.count(amount, as: round % 2 == 0 ? .won : .pipeline, of: lead)
                    case (9, let from?, _):
                        let all = try transaction.leads(after: nil, limit: 999)
                        guard from != other, let into = all.first(where: { $0.id == other }) else { break }
                        let moves = try transaction.merge(from, into: into, at: now)
                        leads.removeAll { $0 == from }
                        runs = runs.map { moves[$0] ?? $0 }
                    case (10, let lead?, _) where round % 3 == 0:
                        for run in try transaction.enrollments(of: lead) where run.isOngoing {
                            var ended = run
                            (ended.status, ended.current) = (.exited, nil)
                            let entry = JournalEntry(
                                at: now, kind: .exited, lead: lead, enrollment: run.id, campaign: run.campaign,
                                reason: .goalReached)
                            try transaction.advance(ended, was: run.current, entry: entry)
                        }
                        try transaction.erase(lead, at: now, isRemembered: round % 2 == 0)
                        leads.removeAll { $0 == lead }
                        runs.removeAll { $0.lead == lead }
                    default: break
                    }
                    if isRefused { throw Refused() }
                }
            } catch {
                (leads, runs) = (knownLeads, knownRuns)
            }
            if round % 40 == 39 {
                #expect(try store.audit() == [], "seed \(seed), round \(round)")
                let before = try rows(store)
                store.close()
                store = try open()
                #expect(try rows(store) == before)
            }
        }
        #expect(try rows(store).count > 40)
        try oneCampaignIsPartOfAll(store)
    }

    /// Asked for one campaign, or for none, the store answers what is left of all when the others are taken out.
    private func oneCampaignIsPartOfAll(_ store: SQLiteStore) throws {
        let months = Month(of: StoreBed.day)...Month(of: StoreBed.day.adding(days: 10))
        var found = 0
        for basis in FigureBasis.allCases {
            for (dimension, range) in FigureDimension.allCases.flatMap({ [($0, nil), ($0, months)] }) {
                func rows(_ campaign: FigureCampaign) throws -> Set<FigureRow> {
                    Set(
                        try store.read {
                            try $0.figures(FigureQuery(basis, by: dimension, months: range, campaign: campaign))
                        })
                }
                let all = try rows(.any)
                let (c, d) = (CampaignID(rawValue: "c"), CampaignID(rawValue: "d"))
                #expect(try rows(.only(c)) == all.filter { $0.campaign == c })
                #expect(try rows(.only(d)) == all.filter { $0.campaign == d })
                #expect(try rows(.none) == all.filter { $0.campaign == nil })
                #expect(try rows(.only(CampaignID(rawValue: "nonesuch"))).isEmpty)
                found += try rows(.only(c)).count
            }
        }
        #expect(found > 10)
    }

    @Test func amountsOfADayAreOfTheirMonthToo() throws {
        let store = try open()
        defer { store.close() }
        for days in [0, 1, 1, 40] {
            _ = try store.commit(at: StoreBed.start + .days(Int64(days)), today: StoreBed.day.adding(days: days)) {
                let lead = try $0.upsert(try StoreBed.draft("budi")).lead.id
                try $0.count(Amount(thousandths: 1_000), as: .won, of: lead)
            }
        }
        func won(_ basis: FigureBasis) throws -> [Int] {
            try store.read { try $0.figures(FigureQuery(basis)) }.filter { $0.measure == .won }
                .sorted { ($0.month, $0.value) < ($1.month, $1.value) }.map(\.n)
        }
        #expect(try won(.days) == [1_000, 2_000, 1_000])
        #expect(try won(.happened).reduce(0, +) == 4_000)
        #expect(try store.audit() == [])
    }

    @Test func aWrongPromiseIsSeen() throws {
        let store = try open()
        let facts: [String: AttributeValue] = [
            "handoff_to": .text("Rini"), "handoff": .text("given"), "accept_by": .text("2026-11-02T04:00:00.000Z"),
        ]
        _ = try store.commit(at: StoreBed.start, today: StoreBed.day) {
            try $0.upsert(LeadDraft(key: "budi", address: nil, attributes: facts))
        }
        #expect(try store.audit() == [])
        store.close()
        for wrong in [
            "UPDATE promises SET due_at = due_at + 1", "DELETE FROM promises",
            "INSERT INTO promises VALUES (99, 'Budi', 0, 1, 1)",
        ] {
            let queue = try DatabaseQueue(path: place.path + "/state/" + SQLiteStore.fileName)
            try queue.write { try $0.execute(sql: wrong) }
            try queue.close()
            let again = try open()
            #expect(try again.audit().contains { $0.contains("promises") }, "\(wrong)")
            again.close()
            let mending = try DatabaseQueue(path: place.path + "/state/" + SQLiteStore.fileName)
            // As an upgrade asks for it: they are found anew.
            try mending.write { try $0.execute(sql: "INSERT INTO meta VALUES ('promises', 'to be found')") }
            try mending.close()
            let mended = try open()
            #expect(try mended.audit() == [])
            mended.close()
        }
    }

    @Test func aWrongRollUpIsSeen() throws {
        let store = try open()
        _ = try store.commit(at: StoreBed.start, today: StoreBed.day) { try $0.upsert(try StoreBed.draft("budi")) }
        #expect(try store.audit() == [])
        store.close()
        let queue = try DatabaseQueue(path: place.path + "/state/" + SQLiteStore.fileName)
        try queue.write { try $0.execute(sql: "UPDATE figures SET n = n + 1 WHERE basis = 1 AND dimension = 0") }
        try queue.close()
        let again = try open()
        defer { again.close() }
        #expect(try again.audit().contains { $0.contains("roll-ups") })
    }

    /// Who is forgotten stays in the numbers; who never said that it was them was never in them.
    @Test(arguments: [true, false]) func whoIsForgottenStaysWhereItWasALead(isRemembered: Bool) throws {
        let store = try open()
        defer { store.close() }
        try store.commit(at: StoreBed.start, today: StoreBed.day) { transaction in
            let lead = try transaction.upsert(try StoreBed.draft("budi")).lead.id
            try transaction.erase(lead, at: StoreBed.start, isRemembered: isRemembered)
        }
        let rows = try store.read { try $0.figures(FigureQuery(.made)) }.filter { $0.measure == .leads }
        #expect(rows.map(\.n) == (isRemembered ? [1] : []))
        #expect(try store.audit() == [])
    }

    /// A source for every lead does not fill the table.
    @Test func sourcesWithoutEndAreOneSource() throws {
        let store = try open()
        defer { store.close() }
        try store.commit(at: StoreBed.start, today: StoreBed.day) { transaction in
            for number in 0..<(ReportFigures.mostValues + 50) {
                let lead = try transaction.upsert(try StoreBed.draft("lead\(number)")).lead.id
                try transaction.setMarks(LeadMarks(source: "s\(number)"), of: lead)
            }
        }
        let rows = try store.read { try $0.figures(FigureQuery(.made, by: .source)) }.filter { $0.measure == .leads }
        #expect(rows.count == ReportFigures.mostValues + 1)
        #expect(rows.first { $0.value == LeadMarks.otherSource }?.n == 50)
        #expect(try store.audit() == [])
    }

    /// Of before there were roll-ups, what the journal knows whole is counted, and the rest is left away.
    @Test func aDatabaseOfBeforeIsCounted() throws {
        let schema = try #require(Schema.migrations.firstIndex { $0.contains("CREATE TABLE figures") })
        let state = place.path + "/state"
        try FileManager.default.createDirectory(atPath: state, withIntermediateDirectories: true)
        let queue = try DatabaseQueue(path: state + "/" + SQLiteStore.fileName)
        try queue.write { db in
            for migration in Schema.migrations[..<schema] { try db.execute(sql: migration) }
            // Lead 1 is known from its making on, an SQL by now, and its second run reached the goal; lead 2's first line was
            // pruned, and so was that of its run; run 1025 is held out. 2027-01-02 is day 20820.
            try db.execute(
                sql: """
                    INSERT INTO campaigns VALUES (1, 'c'); INSERT INTO steps (id, campaign, name) VALUES (1, 1, 'ab');
                    INSERT INTO mailboxes (id, address, lead) VALUES (1, 'budi@example.com', 1), (2, 'siti@example.com', 2);
                    INSERT INTO leads (id, mailbox, stage, stage_since, journal_head) VALUES (1, 1, 2, 1799712000000, 11),
                        (2, 2, 1, 1799712000000, 15);
                    INSERT INTO enrollments (id, campaign, enrolled_at, status, deferred, late, journal_head) VALUES
                        (1024, 1, 1798848000000, 2, 0, 0, 13), (1025, 1, 1798934400000, 3, 0, 0, 14),
                        (2048, 1, 1798848000000, 2, 0, 0, 16);
                    INSERT INTO journal (id, prev, at, lead, enrollment, campaign, kind, reason) VALUES
                        (11, NULL, 1798848000000, 1, NULL, NULL, 1, NULL), (12, NULL, 1798848000000, 1, 1024, 1, 2, NULL),
                        (13, 12, 1798848000001, 1, 1024, 1, 9, 'goalReached'), (17, NULL, 1798934400000, 1, 1025, 1, 2, NULL),
                        (14, 17, 1798934400001, 1, 1025, 1, 4, 'heldOut'), (15, 9, 1798848000000, 2, NULL, NULL, 11, NULL),
                        (16, 10, 1798848000000, 2, 2048, 1, 9, 'goalReached');
                    INSERT INTO arms VALUES (1, 1, 'a', 3, 1);
                    """)
            try db.execute(sql: "PRAGMA user_version = \(schema)")
        }
        try queue.close()
        let store = try open()
        defer { store.close() }
        func count(_ basis: FigureBasis, _ measure: FigureMeasure) throws -> [String] {
            try store.read { try $0.figures(FigureQuery(basis)) }.filter { $0.measure == measure }
                .map { "\($0.month) \($0.n)" }
        }
        let wanted: [(FigureBasis, FigureMeasure)] = [
            (.made, .leads), (.made, .mqls), (.entered, .runs), (.entered, .goals), (.heldOut, .runs),
        ]
        for (basis, measure) in wanted { #expect(try count(basis, measure) == ["2027-01 1"], "\(basis) \(measure)") }
        #expect(try count(.made, .customers) == [])
        let arms = try store.read { try $0.figures(FigureQuery(.arms, by: .arm)) }.sorted { $0.measure < $1.measure }
        #expect(arms.map { "\($0.month) \($0.value) \($0.n)" } == ["unknown a 3", "unknown a 1"])
    }
}
