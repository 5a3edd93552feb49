import DripCore
import Testing

@testable import DripSimulator

/// The judge of what CRMs are told must be able to speak.
@Suite struct CRMCheckerTests {
    private static let start = Doctored.nine
    private static func body(_ facts: String) -> String { "{\"lead\": {\"attributes\": {\(facts)}}}" }

    private static func sight(_ number: Int64, _ key: String = "k0", _ facts: String = "\"stage\": \"mql\"")
        -> PushSight
    {
        PushSight(number: number, key: key, identity: "id\(number)", body: body(facts))
    }

    private static func live(_ plan: CRMPlan) -> Fact.What {
        var folder = Doctored().folder
        folder.scoring = ScoringPlan(fit: [:], rules: [], threshold: .init(atLeast: 10), events: [:])
        folder.scoring?.crm = plan
        return .live(folder)
    }

    private static func book(
        _ leads: [String: [String: String]], dead: [Int64: String] = [:], waiting: [Int64] = []
    ) -> Fact.What {
        var book = CRMBook()
        (book.leads, book.dead, book.waiting, book.isOver) = (leads, dead, waiting, true)
        return .crm(book)
    }

    private func complaints(_ facts: [Fact.What], _ plan: CRMPlan = CRMPlan(stages: ["mql"])) -> Int {
        var checker = CRMChecker()
        var complaints = checker.hear(Self.fact(0, Self.live(plan)))
        for (index, fact) in facts.enumerated() { complaints += checker.hear(Self.fact(index + 1, fact)) }
        return complaints.count
    }

    private static func fact(_ minutes: Int, _ what: Fact.What) -> Fact {
        let at = start + .minutes(Int64(minutes))
        return Fact(step: minutes, at: at, shown: at, what: what)
    }

    private static let mql = ["stage": "\"mql\""]

    @Test func whatWasToldInOrderAndIsSoIsWell() {
        #expect(
            complaints([
                .pushed(Self.sight(1), isTaken: false), .pushAnswered(1, .unknown, isFault: false), .pushRecorded(1),
                .pushed(Self.sight(1), isTaken: true), .pushAnswered(1, .accepted, isFault: false), .pushRecorded(1),
                .pushed(Self.sight(2, "k0", "\"stage\": \"sql\", \"score\": 4"), isTaken: true),
                .pushAnswered(2, .accepted, isFault: false), .pushRecorded(2),
                Self.book(["k0": ["stage": "\"sql\""], "k1": ["stage": "\"lead\""]]),
            ]) == 0)
    }

    @Test(
        arguments: [
            // Two of one lead at once.
            [.pushed(sight(1), isTaken: true), .pushed(sight(2), isTaken: true)],
            // An older one behind a newer one.
            [
                .pushed(sight(2), isTaken: true), .pushAnswered(2, .accepted, isFault: false), .pushRecorded(2),
                .pushed(sight(1), isTaken: true),
            ],
            // Another text under one number.
            [
                .pushed(sight(1), isTaken: false), .pushAnswered(1, .unknown, isFault: false),
                .pushed(sight(1, "k0", "\"a\": 1"), isTaken: true),
            ],
            // Again though it had come to its end.
            [
                .pushed(sight(1), isTaken: true), .pushAnswered(1, .accepted, isFault: false), .pushRecorded(1),
                .pushed(sight(1), isTaken: true),
            ],
            [.pushed(sight(1), isTaken: false, isClash: true)],
            [.paused(.everything), .pushed(sight(1), isTaken: true)],
            [.restored, .pushed(sight(1), isTaken: true)],
            [.merged(from: "k0", into: "k1"), .pushed(sight(1), isTaken: true)],
            [.erased(lead: "k0", mailboxes: []), .pushed(sight(1), isTaken: true)],
            // Never heard of, something else, nothing of what is, forgotten, given up too soon.
            [book(["k0": mql])],
            [.pushed(sight(1), isTaken: true), book(["k0": ["stage": "\"lead\""]])],
            [.pushed(sight(1), isTaken: false), .pushAnswered(1, .accepted, isFault: false), book(["k0": mql])],
            [book([:], waiting: [4])],
            [
                .pushed(sight(1), isTaken: false), .pushAnswered(1, .transientFailure, isFault: false),
                .pushRecorded(1),
                book(["k0": mql], dead: [1: "k0"]),
            ],
        ] as [[Fact.What]]) func whatIsNotSoIsFound(facts: [Fact.What])
    {
        #expect(complaints(facts) == 1)
    }

    @Test func whatWasRefusedAndWhatABackupForgotIsNobodysFault() {
        #expect(
            complaints([
                .pushed(Self.sight(1), isTaken: false), .pushAnswered(1, .permanentFailure, isFault: false),
                .pushRecorded(1), Self.book(["k0": Self.mql], dead: [1: "k0"]),
            ]) == 0)
        #expect(
            complaints([
                .pushed(Self.sight(1), isTaken: true), .restored, .confirmed,
                Self.book(["k0": ["stage": "\"mql\"", "tier": "\"gold\""]]),
            ]) == 0)
        // What is not watched may be old.
        #expect(
            complaints(
                [.pushed(Self.sight(1), isTaken: true), Self.book(["k0": ["stage": "\"mql\"", "name": "\"N\""]])],
                CRMPlan(watched: ["stage"])) == 0)
    }
}
