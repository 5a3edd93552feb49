import DripCampaigns
import DripCore
import DripEngine
import DripStore
import DripStoreSQLite
import Foundation
import Testing

/// A shell with virtual time around the real engine, the real store and the real loader: what the simulator will be.
///
/// Nothing happens by itself: `run(until:)` rings the alarm when it is due and answers every send by `respond`.
final class World {
    /// Monday, 2 November 2026, 09:00 in Jakarta.
    static let monday = Instant("2026-11-02T02:00:00Z") ?? .epoch

    let directory: String
    private var sqlite: SQLiteStore
    /// What the engine sees: the real store, which a test may make fail.
    private(set) var failing: FailingStore
    private(set) var engine: Engine
    private(set) var now: Instant
    private(set) var sends: [SendOrder] = []
    /// By which transport each of `sends` was handed out.
    private(set) var sentBy: [String] = []
    /// How often something was marked for a lead.
    private var marks: [String: Int] = [:]
    func markedCount(of key: String) -> Int { marks[key, default: 0] }
    /// Sends whose outcome has not been given yet.
    private(set) var underWay: [SendOrder] = []
    /// What CRMs were told, and what of it has no answer yet.
    private(set) var pushes: [PushOrder] = []
    private(set) var pushesUnderWay: [PushOrder] = []
    /// What a CRM says; nil leaves it under way.
    var takePush: (PushOrder) -> AttemptResult? = { World.took($0) }
    /// Digests that were handed out, and what of them has no answer yet.
    private(set) var digests: [DigestOrder] = []
    private(set) var digestsUnderWay: [DigestOrder] = []
    /// What the mailbox says to a digest; nil leaves it under way.
    var takeDigest: (DigestOrder) -> AttemptResult? = {
        AttemptResult(delivery: $0.letter.id.asDelivery, outcome: .accepted, code: 250, text: "250 2.0.0 ok")
    }
    private(set) var logs: [LogLine] = []
    private(set) var mostUnderWay = 0
    private var wake: Instant?
    private var lastTicket: UInt64 = 0
    var transports: [Engine.TransportDescription]
    var files: [String: String]
    /// What the other side says to a send; nil leaves it under way.
    var respond: (SendOrder) -> AttemptResult? = { World.accepted($0) }
    /// Whether a step that asks for another one gets it; else that is the test's to do.
    var goesOnAtOnce = true
    /// What happens while it asks.
    var betweenSteps: () -> Void = {}

    /// `transports` are a relay and a webhook called `hook` where nothing else is said.
    init(
        files: [String: String], now: Instant = World.monday, inFlight: Int = 4,
        transports: [Engine.TransportDescription]? = nil
    ) throws {
        directory = NSTemporaryDirectory() + "dripd-world-\(UUID().uuidString)"
        self.files = files
        self.now = now
        self.transports =
            transports ?? [
                .init(name: "relay", channel: .email, inFlight: inFlight),
                .init(name: "hook", channel: .http, inFlight: inFlight),
            ]
        sqlite = try SQLiteStore.open(directory: directory, holder: "test", now: now)
        failing = FailingStore(sqlite)
        engine = try World.boot(failing, files, self.transports, now)
        _ = try engine.recover(now: now)
        perform(.ring)
    }

    deinit {
        sqlite.close()
        try? FileManager.default.removeItem(atPath: directory)
    }

    private static func boot(
        _ store: any DripStore, _ files: [String: String], _ transports: [Engine.TransportDescription], _ now: Instant
    ) throws -> Engine {
        let update = try loader().load(
            disk: FileTree(files: files.mapValues { Array($0.utf8) }),
            applied: try store.read { try $0.appliedFiles() },
            running: [:])
        return try Engine.boot(
            store: store, update: update, identity: .init(version: "test", node: "test", startedAt: now),
            transports: transports, now: now)
    }

    static func zones() throws -> ZoneTable {
        let names = ["UTC", "Asia/Jakarta", "Europe/Berlin", "America/New_York"]
        let zones = try names.map { name in
            try Zone(name: name, tzif: Array(try Data(contentsOf: URL(filePath: "/usr/share/zoneinfo/" + name))))
        }
        return ZoneTable(version: "test", zones: zones)
    }

    static func loader() throws -> ProgrammeLoader {
        ProgrammeLoader(
            zones: try zones(), transports: DeclaredTransports(posts: ["hook", "ads"], sms: ["text", "spare"]))
    }

    var instanceID: String { sqlite.instanceID }

    /// The paths of the files that are on record.
    func applied() throws -> [String] { try sqlite.read { try $0.appliedFiles() }.keys.sorted() }

    func audit() throws -> [String] { try sqlite.audit() }

    // MARK: Time

    /// Rings whenever something is due, until `instant`; every send is answered at once.
    func run(until instant: Instant) {
        var rings = 0
        settle()
        while let next = wake, next <= instant {
            rings += 1
            guard rings < 100_000 else {
                Issue.record("the engine rings without an end at \(now)")
                return
            }
            now = max(now, next)
            perform(.ring)
            settle()
        }
        now = max(now, instant)
    }

    func run(for span: TimeSpan) { run(until: now + span) }

    /// Moves the clock without ringing: an outage.
    func sleep(until instant: Instant) { now = instant }

    /// Sets the clock back, as a time server does.
    func setBack(to instant: Instant) { now = instant }

    func ring() { perform(.ring) }

    /// Gives the outcome of everything under way that `respond` has an answer for.
    func settle() {
        while true {
            let results =
                underWay.compactMap { respond($0) } + pushesUnderWay.compactMap { takePush($0) }
                + digestsUnderWay.compactMap { takeDigest($0) }
            guard !results.isEmpty else { return }
            give(results)
        }
    }

    func give(_ results: [AttemptResult]) {
        let landed = Set(results.map(\.delivery))
        underWay.removeAll { landed.contains($0.delivery.id) }
        pushesUnderWay.removeAll { landed.contains($0.push.id.asDelivery) }
        digestsUnderWay.removeAll { landed.contains($0.letter.id.asDelivery) }
        perform(.results(results))
    }

    // MARK: Commands

    func command(_ command: Command) throws -> Reply {
        lastTicket += 1
        let ticket = Ticket(number: lastTicket)
        for effect in perform(.command(command, ticket)) {
            if case .answer(ticket, let result) = effect { return try result.get() }
        }
        throw ControlError(.unavailable, "no answer")
    }

    @discardableResult
    func importLeads(_ rows: [[String]], columns: [String] = ["email"], into campaign: String?) throws -> ImportSummary
    {
        let batch = ImportBatch(
            columns: columns, rows: rows.enumerated().map { .init(line: $0.offset + 2, cells: $0.element) },
            campaign: campaign.map { CampaignID(rawValue: $0) })
        guard case .imported(let summary) = try command(.importLeads(batch)) else { return ImportSummary() }
        return summary
    }

    func explain(_ key: String) throws -> Explanation {
        guard case .explanation(let answer) = try command(.explain(lead: key, campaign: nil)) else {
            throw ControlError(.invalid, "another answer")
        }
        return answer
    }

    func lead(_ key: String) throws -> LeadView {
        guard case .lead(let view) = try command(.lead(key)) else { throw ControlError(.invalid, "another answer") }
        return view
    }

    func status() throws -> StatusReport {
        guard case .status(let report) = try command(.status) else { throw ControlError(.invalid, "another answer") }
        return report
    }

    func event(_ name: String, of key: String) throws -> EventAnswer {
        guard case .event(let answer) = try command(.event(lead: key, name: EventName(rawValue: name))) else {
            throw ControlError(.invalid, "another answer")
        }
        return answer
    }

    /// Events that come in together, and what came of each.
    func events(_ bodies: [EventBody]) -> [Result<Reply, ControlError>] {
        let asked = bodies.map { body in
            lastTicket += 1
            return AskedEvent(body, Ticket(number: lastTicket))
        }
        var answers: [Ticket: Result<Reply, ControlError>] = [:]
        for case .answer(let ticket, let result) in perform(.events(asked)) { answers[ticket] = result }
        return asked.compactMap { answers[$0.ticket] }
    }

    func suppress(_ address: String, topic: String? = nil) throws -> SuppressAnswer {
        let request = SuppressRequest(address: address, topic: topic.map { TopicID(rawValue: $0) }, note: "test")
        guard case .suppressed(let answer) = try command(.suppress(request)) else {
            throw ControlError(.invalid, "another answer")
        }
        return answer
    }

    func unsuppress(_ address: String, topic: String? = nil, force: Bool = false) throws -> UnsuppressAnswer {
        let request = SuppressRequest(address: address, topic: topic.map { TopicID(rawValue: $0) }, note: "test")
        guard case .unsuppressed(let answer) = try command(.unsuppress(request, force: force)) else {
            throw ControlError(.invalid, "another answer")
        }
        return answer
    }

    @discardableResult
    func reload() throws -> ReloadReport {
        let update = try World.loader().load(
            disk: FileTree(files: files.mapValues { Array($0.utf8) }),
            applied: try sqlite.read { try $0.appliedFiles() },
            running: engine.runningHashes)
        lastTicket += 1
        let ticket = Ticket(number: lastTicket)
        for effect in perform(.load(update, ticket)) {
            if case .answer(ticket, .success(.reloaded(let report))) = effect { return report }
            if case .answer(ticket, .failure(let error)) = effect { throw error }
        }
        throw ControlError(.unavailable, "no answer")
    }

    func stop() -> [Effect] { perform(.stop) }

    /// Ends without a word and starts again on the same state, as `kill -9` does; what was under way is forgotten.
    func crash() throws {
        sqlite.close()
        underWay = []
        pushesUnderWay = []
        digestsUnderWay = []
        sqlite = try SQLiteStore.open(directory: directory, holder: "test", now: now)
        failing = FailingStore(sqlite)
        engine = try World.boot(failing, files, transports, now)
        _ = try engine.recover(now: now)
        perform(.ring)
    }

    // MARK: Effects

    @discardableResult
    private func perform(_ input: Input) -> [Effect] {
        let effects = engine.step(input, now: now)
        var isAgain = false
        for effect in effects {
            switch effect {
            case .send(let transport, let orders):
                sends += orders
                for order in orders { marks[order.lead.key, default: 0] += 1 }
                sentBy += orders.map { _ in transport }
                underWay += orders
                mostUnderWay = max(mostUnderWay, underWay.count)
            case .push(_, let orders):
                pushes += orders
                pushesUnderWay += orders
            case .digest(_, let orders):
                digests += orders
                digestsUnderWay += orders
            case .wake(let instant): wake = instant
            case .again: isAgain = true
            case .log(let line): logs.append(line)
            case .answer, .publish, .drained: continue
            }
        }
        guard isAgain, goesOnAtOnce else { return effects }
        betweenSteps()
        return effects + perform(.ring)
    }

    // MARK: What the other side says

    static func accepted(_ order: SendOrder) -> AttemptResult {
        AttemptResult(delivery: order.delivery.id, outcome: .accepted, code: 250, text: "250 2.0.0 ok")
    }

    static func took(_ order: PushOrder) -> AttemptResult {
        AttemptResult(delivery: order.push.id.asDelivery, outcome: .accepted, code: 200, text: "200 ok")
    }

    static func refusedForNow(_ order: SendOrder) -> AttemptResult {
        AttemptResult(delivery: order.delivery.id, outcome: .transientFailure, code: 451, text: "451 4.7.1 later")
    }

    static func noSuchUser(_ order: SendOrder) -> AttemptResult {
        AttemptResult(
            delivery: order.delivery.id, outcome: .permanentFailure, code: 550, enhancedCode: "5.1.1",
            text: "550 5.1.1 no such user")
    }

    static func wrongPassword(_ order: SendOrder) -> AttemptResult {
        AttemptResult(
            delivery: order.delivery.id, outcome: .transientFailure, blame: .transport, code: 535,
            text: "535 authentication failed")
    }

    static func noReply(_ order: SendOrder) -> AttemptResult {
        AttemptResult(delivery: order.delivery.id, outcome: .unknown, code: 354, text: "closed after the final dot")
    }

    /// Every one of these transports refuses; the others accept.
    func refuse(_ broken: String...) {
        respond = { [unowned self] order in
            let number = sends.lastIndex { $0.delivery.id == order.delivery.id }
            return number.map { broken.contains(sentBy[$0]) } ?? false
                ? World.wrongPassword(order) : World.accepted(order)
        }
    }

    /// `step @ instant` of everything that was handed out, in order.
    var sentSteps: [String] { sends.map { "\($0.step.id) @ \($0.markedAt)" } }
}
