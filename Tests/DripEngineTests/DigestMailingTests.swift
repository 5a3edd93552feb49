import DripCore
import DripEngine
import DripMessages
import Testing

/// When digests come due stands in `DigestTimeTests`, and what they say in `DigestTests` and `DigestMailTests`.
@Suite struct DigestMailingTests {
    /// The world begins on a Monday at 09:00, an hour behind the digest of that week.
    private func world(
        _ digest: String = "to: [rini@acme.example, sales@acme.example], locale: id"
    ) throws -> World {
        let files = Folder.with(
            steps: ["id: hello, day: 1, email: m.md"], head: "enroll: { on: demo_booked }", policy: Self.policy(digest))
        return try World(files: files)
    }

    private static func policy(_ digest: String) -> String { "report: { digest: { \(digest) } }" }

    private func rewrite(_ world: World, _ digest: String?) throws {
        world.files["policy.yaml"] = Folder.policy(digest.map(Self.policy) ?? "")
        try world.reload()
    }

    private func answer(
        _ order: DigestOrder, _ outcome: Outcome, _ code: Int, _ blame: AttemptResult.Blame = .delivery
    ) -> AttemptResult {
        AttemptResult(
            delivery: order.letter.id.asDelivery, outcome: outcome, blame: blame, code: code, text: "\(code) no")
    }

    /// `rini 2026-11-02 @ 2026-11-09T01:00:00Z` of every digest that was handed out, in order.
    private func went(_ world: World) -> [String] {
        world.digests.map {
            "\($0.letter.recipient.text.prefix { $0 != "@" }) \($0.letter.due.period.first) @ \($0.sentAt)"
        }
    }

    private func instant(_ text: String) throws -> Instant { try #require(Instant(text)) }

    private func problems(_ world: World) throws -> [String] {
        guard case .status(let report) = try world.command(.status) else { throw ControlError(.invalid, "another") }
        return report.problems.map(\.what)
    }

    @Test func everybodyGetsEveryWeekOnceAndTheFirstIsTheNextThatComesDue() throws {
        let world = try world()
        world.run(until: try instant("2026-11-17T00:00:00Z"))
        #expect(
            went(world) == [
                "rini 2026-11-02 @ 2026-11-09T01:00:00.000Z", "sales 2026-11-02 @ 2026-11-09T01:00:00.000Z",
                "rini 2026-11-09 @ 2026-11-16T01:00:00.000Z", "sales 2026-11-09 @ 2026-11-16T01:00:00.000Z",
            ])
        guard case .status(let report) = try world.command(.status) else { throw ControlError(.invalid, "another") }
        #expect(report.digest == .init(recipients: 2, nextAt: try instant("2026-11-23T01:00:00Z"), underWay: 0))
        #expect(report.transports.first?.accepted == 4 && report.transports.first?.inFlight == 0)
        #expect(try world.audit() == [])
    }

    @Test func whatWasUnderWayAtACrashGoesAgainAndWhatWasTakenDoesNot() throws {
        let world = try world()
        world.takeDigest = {
            $0.letter.recipient.text.hasPrefix("rini") ? answer($0, .accepted, 250) : nil
        }
        world.run(until: try instant("2026-11-09T02:00:00Z"))
        try world.crash()
        world.takeDigest = { answer($0, .accepted, 250) }
        world.run(until: try instant("2026-11-10T00:00:00Z"))
        try world.crash()
        world.run(until: try instant("2026-11-15T00:00:00Z"))
        #expect(went(world).map { $0.prefix(16) } == ["rini 2026-11-02 ", "sales 2026-11-02", "sales 2026-11-02"])
        let names = try world.digests.dropFirst().map { try Self.mail($0, world) }
        #expect(names[0].messageID == names[1].messageID && names[0].idempotencyKey == names[1].idempotencyKey)
    }

    @Test func whatFailsIsTriedAgainForTwoDaysAndTheNextWeekGoesAsEver() throws {
        let world = try world()
        let end = try instant("2026-11-12T00:00:00Z")
        world.takeDigest = { [unowned world] in
            $0.letter.recipient.text.hasPrefix("rini") && world.now < end
                ? answer($0, .transientFailure, 451) : answer($0, .accepted, 250)
        }
        world.run(until: end)
        let tried = world.digests.filter { $0.letter.recipient.text.hasPrefix("rini") }
        #expect(tried.count > 5 && world.digests.count == tried.count + 1)
        #expect(tried.allSatisfy { $0.sentAt < $0.letter.due.dueAt + .days(2) })
        #expect(try problems(world).contains("the digest did not go to r•••@acme.example: 451 no"))
        world.run(until: try instant("2026-11-17T00:00:00Z"))
        #expect(world.digests.suffix(2).map(\.letter.due.period.first) == [try #require(LocalDate("2026-11-09"))] * 2)
    }

    @Test func aMailboxThatRefusesItIsPassedOverForThatWeek() throws {
        let world = try world()
        world.takeDigest = {
            AttemptResult(
                delivery: $0.letter.id.asDelivery, outcome: .permanentFailure, code: 550,
                text: "550 <\($0.letter.recipient)> no such user")
        }
        world.run(until: try instant("2026-11-17T00:00:00Z"))
        #expect(world.digests.count == 4)
        #expect(
            try problems(world).filter { $0.hasPrefix("the digest did not go to") }.sorted() == [
                "the digest did not go to r•••@acme.example: 550 <r•••@acme.example> no such user",
                "the digest did not go to s•••@acme.example: 550 <s•••@acme.example> no such user",
            ])
    }

    @Test func whoeverIsNewGetsTheNextAndWhoeverIsPutBackIsNew() throws {
        let world = try world("to: [sales@acme.example]")
        world.run(until: try instant("2026-11-09T03:00:00Z"))
        try rewrite(world, "to: [rini@acme.example, sales@acme.example]")
        world.run(until: try instant("2026-11-10T00:00:00Z"))
        #expect(world.digests.count == 1)
        try rewrite(world, nil)
        world.run(until: try instant("2026-11-16T03:00:00Z"))
        try rewrite(world, "to: [sales@acme.example]")
        world.run(until: try instant("2026-11-23T03:00:00Z"))
        #expect(
            went(world) == [
                "sales 2026-11-02 @ 2026-11-09T01:00:00.000Z", "sales 2026-11-16 @ 2026-11-23T01:00:00.000Z",
            ])
    }

    @Test func anotherTimeOfDayIsHeardAtOnce() throws {
        let world = try world("to: [sales@acme.example]")
        world.run(until: try instant("2026-11-09T00:00:00Z"))
        try rewrite(world, "to: [sales@acme.example], at: \"07:30\"")
        world.run(until: try instant("2026-11-16T00:29:00Z"))
        #expect(went(world) == ["sales 2026-11-02 @ 2026-11-09T00:30:00.000Z"])
    }

    @Test func aPauseOfEverythingHoldsItAndAfterTwoDaysItIsTheNextWeeks() throws {
        let world = try world("to: [sales@acme.example]")
        func pause(_ isPause: Bool) throws {
            _ = try world.command(
                isPause ? .pause(.hold(.everything), until: nil, note: "") : .resume(.hold(.everything)))
            world.settle()
        }
        try pause(true)
        world.run(until: try instant("2026-11-09T08:00:00Z"))
        #expect(world.digests.isEmpty)
        try pause(false)
        try pause(true)
        world.run(until: try instant("2026-11-18T08:00:00Z"))
        try pause(false)
        world.run(until: try instant("2026-11-24T00:00:00Z"))
        #expect(
            try problems(world).filter { $0.hasPrefix("the digest") } == [
                "the digest did not go to s•••@acme.example: nothing could go in time"
            ])
        #expect(
            went(world) == [
                "sales 2026-11-02 @ 2026-11-09T08:00:00.000Z", "sales 2026-11-16 @ 2026-11-23T01:00:00.000Z",
            ])
    }

    @Test func aTransportThatDoesNotWorkCostsNothing() throws {
        let world = try world("to: [sales@acme.example]")
        let end = try instant("2026-11-09T05:00:00Z")
        world.takeDigest = { [unowned world] in
            world.now < end ? answer($0, .transientFailure, 535, .transport) : answer($0, .accepted, 250)
        }
        world.run(until: try instant("2026-11-10T00:00:00Z"))
        let last = try #require(world.digests.last)
        #expect(last.sentAt >= end && last.sentAt < end + .hours(1))
        #expect(!(try problems(world).contains { $0.hasPrefix("the digest") }))
    }

    @Test func aClockThatRanAheadSendsNothingTwice() throws {
        let world = try world("to: [sales@acme.example]")
        world.run(until: try instant("2026-11-09T02:00:00Z"))
        world.sleep(until: try instant("2027-02-01T02:00:00Z"))
        world.ring()
        world.settle()
        world.setBack(to: try instant("2026-11-10T02:00:00Z"))
        world.ring()
        world.run(until: try instant("2026-11-17T00:00:00Z"))
        #expect(went(world).map { $0.prefix(16) } == ["sales 2026-11-02", "sales 2027-01-25", "sales 2026-11-09"])
    }

    @Test func aStopWaitsForIt() throws {
        let world = try world()
        world.takeDigest = { _ in nil }
        world.run(until: try instant("2026-11-09T02:00:00Z"))
        func isDrained(_ effects: [Effect]) -> Bool {
            effects.contains { if case .drained = $0 { true } else { false } }
        }
        #expect(!isDrained(world.stop()))
        #expect(world.engine.isBusy)
        world.takeDigest = { answer($0, .accepted, 250) }
        world.settle()
        #expect(!world.engine.isBusy)
    }

    // MARK: The mail

    private static func mail(_ order: DigestOrder, _ world: World) throws -> MessageContent {
        let composition = Composition(instanceID: world.instanceID, signer: nil)
        guard case .content(let content) = try composition.payload(of: order, as: .content),
            case .mail(let mail) = try composition.payload(of: order, as: .mail)
        else { throw ControlError(.invalid, "another payload") }
        #expect(content.mail?.bytes == mail.bytes)
        return content
    }

    @Test func aRelayAndAProviderGetTheSame() throws {
        let world = try world("to: [sales@acme.example], locale: id")
        world.run(until: try instant("2026-11-10T00:00:00Z"))
        let content = try Self.mail(try #require(world.digests.first), world)
        let mail = try #require(content.mail)
        #expect(mail.recipient.text == "sales@acme.example" && mail.sender.text == "halo@rumpun.example")
        let text = String(decoding: mail.bytes, as: UTF8.self)
        #expect(
            text.contains("Auto-Submitted: auto-generated\r\n") && text.contains("Message-ID: \(content.messageID)\r\n")
        )
        #expect(!text.contains("List-Unsubscribe"))
        #expect(content.subject.contains("2–8 November 2026"))
        #expect(content.headers == [.init(name: "Auto-Submitted", value: "auto-generated")])
    }
}

private func * <Element>(list: [Element], times: Int) -> [Element] { (0..<times).flatMap { _ in list } }
