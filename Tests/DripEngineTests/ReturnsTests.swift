import DripCore
import DripEngine
import DripMessages
import Testing

/// What comes back by mail, and what it brings about.
@Suite struct ReturnsTests {
    private let budi = "budi@example.com"
    private let mark: ReturnMark

    init() throws {
        mark = try ReturnMark(keys: [LinkSigner.Key(id: 1, secret: Array(repeating: 7, count: 32))])
    }

    private func world(answers: @escaping (SendOrder) -> AttemptResult = World.accepted) throws -> World {
        let world = try World(
            files: Folder.with(
                steps: ["id: one, after: 1h, email: m.md", "id: two, after: 30h, email: m.md"],
                head: "exit: { on: replied }"))
        world.engine.returnMark = mark
        try world.importLeads([[budi]], into: "c")
        world.respond = answers
        world.run(for: .hours(2))
        return world
    }

    private func letter(
        _ world: World, _ meaning: ReturnedLetter.Meaning, id: String = "1", token: ReturnMark.Purpose? = .bounce,
        messageIDs: [String] = [], addresses: [String] = []
    ) throws -> ReturnedLetter {
        let order = try #require(world.sends.first)
        let token = token.map { mark.token(for: order.delivery.enrollment, step: order.step.id, purpose: $0) }
        return ReturnedLetter(
            id: id, meaning: meaning, bounceTokens: [token].compactMap(\.self),
            unsubscribeTokens: [token].compactMap(\.self), messageIDs: messageIDs, addresses: addresses)
    }

    /// Mail goes on coming back to messages of before, whatever their step is called by now.
    @Test func aLetterAboutAStepThatWasRenamed() throws {
        let world = try world()
        let sent = try #require(world.sends.first)
        let bounce = try letter(world, .hardBounce("550 5.1.1 no such user"))
        let file = try #require(world.files["c/campaign.yaml"])
        world.files["c/campaign.yaml"] = file.replacing(
            "id: \(sent.step.id)", with: "id: renamed, was: \(sent.step.id)")
        #expect(try world.reload().changed.map(\.rawValue) == ["c"])
        let answer = try #require(try give(world, bounce))
        #expect(answer.isNew && answer.isProved)
    }

    private func give(_ world: World, _ letter: ReturnedLetter) throws -> ReturnAnswer? {
        guard case .returned(let answer) = try world.command(.returned(letter)) else { return nil }
        return answer
    }

    private func messageID(_ world: World) throws -> String {
        let order = try #require(world.sends.first)
        return Composition(instanceID: world.instanceID, signer: nil).identity(of: order).messageID
    }

    @Test func aHardBounceSuppressesOnceAcrossACrash() throws {
        let world = try world()
        let bounce = try letter(world, .hardBounce("550 5.1.1 user unknown"))
        #expect(try give(world, bounce) == ReturnAnswer(isNew: true, isProved: true))
        let lead = try world.lead(budi)
        #expect(lead.suppression?.cause == .bounced && lead.suppression?.note == "550 5.1.1 user unknown")
        try world.crash()
        world.engine.returnMark = mark
        #expect(try give(world, bounce) == ReturnAnswer(isNew: false, isProved: false))
        #expect(try world.lead(budi).timeline.count == lead.timeline.count)
    }

    @Test(arguments: [
        (ReturnedLetter.Meaning.complaint("abuse"), ReturnMark.Purpose.bounce, Suppression.Cause.complained),
        (.unsubscribe, .unsubscribe, .unsubscribed),
    ])
    func whoSaysNoIsSuppressed(meaning: ReturnedLetter.Meaning, token: ReturnMark.Purpose, cause: Suppression.Cause)
        throws
    {
        let world = try world()
        _ = try give(world, try letter(world, meaning, token: token))
        #expect(try world.lead(budi).suppression?.cause == cause)
        world.run(for: .days(3))
        #expect(world.sends.count == 1)
    }

    @Test func aReplyIsAnEvent() throws {
        let world = try world()
        let reply = try letter(
            world, .reply, token: nil, messageIDs: [try messageID(world).uppercased()], addresses: [budi])
        #expect(try give(world, reply)?.isProved == true)
        #expect(try world.lead(budi).enrollments.first?.status == "exited")
    }

    /// What a provider tells, under the delivery's one token, and what the timeline says of it.
    @Test(arguments: [
        (ReturnedLetter.Meaning.unsubscribe, Suppression.Cause.unsubscribed, "told by sendgrid"),
        (.complaint("abuse"), .complained, "told by sendgrid: abuse"), (.hardBounce("550 no"), .bounced, "550 no"),
    ])
    func aProviderIsBelieved(meaning: ReturnedLetter.Meaning, cause: Suppression.Cause, note: String) throws {
        let world = try world()
        var told = try letter(world, meaning, addresses: [budi])
        (told.source, told.unsubscribeTokens) = (.provider("sendgrid"), [])
        #expect(try give(world, told) == ReturnAnswer(isNew: true, isProved: true))
        #expect(try give(world, told) == ReturnAnswer(isNew: false, isProved: false))
        let suppression = try world.lead(budi).suppression
        #expect(suppression?.cause == cause && suppression?.note == note)
    }

    /// By mail the token of the bounces says no unsubscribe, and by a provider no other token does.
    @Test func whoMayUnsubscribeIsToldByTheWayItCame() throws {
        let world = try world()
        var byMail = try letter(world, .unsubscribe, id: "1")
        byMail.unsubscribeTokens = []
        var otherToken = try letter(world, .unsubscribe, id: "2", token: .unsubscribe)
        otherToken.source = .provider("sendgrid")
        for letter in [byMail, otherToken] { #expect(try give(world, letter)?.isProved == false) }
        #expect(try world.lead(budi).suppression == nil)
    }

    @Test func aFailureIsNotedAndShutsNoMailbox() throws {
        let world = try world(answers: World.noReply)
        for number in 1...6 { _ = try give(world, try letter(world, .failure("30005"), id: "\(number)")) }
        let lead = try world.lead(budi)
        #expect(lead.suppression == nil && lead.timeline.contains { $0.detail == "did not arrive: 30005" })
        #expect(try world.status().inDoubt.isEmpty)
    }

    /// Providers tell of every message that arrived: what is remembered of bounces must not be pushed out by that.
    @Test func arrivalsAreNotRemembered() throws {
        let world = try world()
        let arrival = try letter(world, .arrival, id: "a")
        for _ in 1...2 { #expect(try give(world, arrival) == ReturnAnswer(isNew: true, isProved: true)) }
    }

    /// A stranger who writes to the mailbox knows neither a token nor a Message-ID of a message to that lead.
    @Test func whatIsForgedChangesNothing() throws {
        let world = try world()
        let before = try world.lead(budi).timeline
        let own = try letter(world, .hardBounce("x"))
        var forged = own
        forged.bounceTokens = ["b" + own.bounceTokens[0].dropFirst()]
        var otherPurpose = try letter(world, .unsubscribe, id: "2")
        otherPurpose.messageIDs = [try messageID(world)]
        otherPurpose.addresses = [budi]
        var otherLead = try letter(world, .reply, id: "3", token: nil, messageIDs: [try messageID(world)])
        otherLead.addresses = ["siti@example.com"]
        let answered = try letter(
            world, .hardBounce("x"), id: "5", token: nil, messageIDs: [try messageID(world)], addresses: [budi])
        let named = try letter(
            world, .complaint("abuse"), id: "4", token: nil, messageIDs: ["<x@example.com>"], addresses: [budi])
        for letter in [forged, otherPurpose, otherLead, answered, named] {
            #expect(try give(world, letter) == ReturnAnswer(isNew: true, isProved: false))
        }
        #expect(try world.lead(budi).timeline == before)
    }

    @Test func theFifthSoftBounceSuppressesAndOldOnesCountNoMore() throws {
        let world = try world()
        for number in 1...4 { _ = try give(world, try letter(world, .softBounce("452 full"), id: "\(number)")) }
        #expect(try world.lead(budi).suppression == nil)
        world.run(for: .days(31))
        _ = try give(world, try letter(world, .softBounce("452 full"), id: "5"))
        #expect(try world.lead(budi).suppression == nil, "four of them are older than 30 days")
        for number in 6...9 { _ = try give(world, try letter(world, .softBounce("452 full"), id: "\(number)")) }
        #expect(try world.lead(budi).suppression?.note == "5 soft bounces in 30d: 452 full")
    }

    @Test func aBounceOfAnAddressThatWasLeftSuppressesNobody() throws {
        let world = try world()
        _ = try give(world, try letter(world, .hardBounce("gone"), addresses: ["old@example.com"]))
        #expect(try world.lead(budi).suppression == nil)
    }

    @Test(arguments: [ReturnedLetter.Meaning.arrival, .reply, .softBounce("full")])
    func whatComesBackEndsADoubt(meaning: ReturnedLetter.Meaning) throws {
        let world = try world(answers: World.noReply)
        #expect(try world.status().inDoubt.count == 1)
        _ = try give(world, try letter(world, meaning))
        #expect(try world.status().inDoubt.isEmpty)
    }

    /// Before its own answer, between two attempts, and behind a crash: what has arrived goes no more.
    @Test(arguments: ["no answer yet", "waits to go again", "was told to come later", "died"])
    func aProofOfArrivalEndsEveryDoubt(how: String) throws {
        let world = try World(
            files: Folder.with(
                steps: ["id: one, after: 1h, email: m.md, on_doubt: resend", "id: two, after: 30h, email: m.md"]))
        world.engine.returnMark = mark
        try world.importLeads([[budi]], into: "c")
        switch how {
        case "waits to go again": world.respond = World.noReply
        case "was told to come later": world.respond = World.refusedForNow
        default: world.respond = { _ in nil }
        }
        world.run(for: .minutes(70))
        #expect(try give(world, try letter(world, .arrival))?.isProved == true)
        if how == "died" { try world.crash() }
        if how == "no answer yet", let order = world.sends.first {
            world.give([World.noReply(order)])
        }
        world.respond = World.accepted
        world.run(for: .days(3))
        #expect(world.sends.map(\.step.id.rawValue) == ["one", "two"])
        let status = try world.status()
        #expect(status.unresolved == 0 && status.campaigns.first?.accepted.total == 2)
        #expect(status.campaigns.first?.completed == 1)
        #expect(try world.audit() == [])
    }

    /// The key was mended: what was not believed then may be handed in again.
    @Test func whatAProviderToldUnderAWrongKeyIsHeardLater() throws {
        let world = try world()
        var told = try letter(world, .hardBounce("550 no"))
        told.source = .provider("sendgrid")
        world.engine.returnMark = nil
        #expect(try give(world, told) == ReturnAnswer(isNew: true, isProved: false))
        world.engine.returnMark = mark
        #expect(try give(world, told) == ReturnAnswer(isNew: true, isProved: true))
    }

    /// Somebody thought that it had not left; the report says that it did, and the step waits no more.
    @Test func aProofOfArrivalStopsWhatSomebodyWantedSentAgain() throws {
        let world = try world(answers: World.noReply)
        world.respond = World.accepted
        _ = try world.command(.pause(.lead(budi), until: nil, note: ""))
        // By the name that the status gives it, where addresses are masked.
        let name = try #require(try world.status().inDoubt.first?.id)
        let request = ResolveRequest(
            lead: name, campaign: CampaignID(rawValue: "c"), step: StepID(rawValue: "one"), verdict: .resend, note: "")
        _ = try world.command(.resolve(request))
        #expect(try give(world, try letter(world, .arrival))?.isProved == true)
        _ = try world.command(.resume(.lead(budi)))
        world.run(for: .days(3))
        #expect(world.sends.map(\.step.id.rawValue) == ["one", "two"])
        #expect(try world.audit() == [])
    }
}
