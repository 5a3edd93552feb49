import DripCore
import DripEngine
import DripMessages
import Testing

/// Steps that tell a colleague something: they go once like every step, and are no message to the lead.
@Suite struct NotifyTests {
    private let budi = "budi@example.com"
    private let mark: ReturnMark

    init() throws {
        mark = try ReturnMark(keys: [LinkSigner.Key(id: 1, secret: Array(repeating: 7, count: 32))])
    }

    private static let tell = "id: tell, after: 1h, notify: { to: sales@rumpun.example, message: m.md }"

    private func world(
        _ steps: [String] = [tell, "id: mail, after: 1h, email: m.md"], head: String = "", policy: String = "",
        lead: [String]? = nil, columns: [String] = ["email"],
        answers: @escaping (SendOrder) -> AttemptResult = World.accepted
    ) throws -> World {
        let world = try World(
            files: Folder.with(
                steps: steps, head: head, policy: policy, body: "Call {{ lead.phone | default: \"-\" }}."))
        world.engine.returnMark = mark
        world.respond = answers
        try world.importLeads([lead ?? [budi]], columns: columns, into: "c")
        return world
    }

    /// Neither hours nor a cap hold it, it is charged to nobody, and no gap counts from it.
    @Test func itIsNoMessageToTheLead() throws {
        let world = try world(
            head: "send_window: { hours: \"09:00-11:00\" }",
            policy: "caps: [ { at_most: 1, per: 24h } ]\nmin_gap: 20h\nquiet_hours: \"09:30-10:30\"")
        world.run(for: .hours(2))
        // 10:00 in Jakarta is quiet: the lead's own message waits for 10:30, and for nothing else.
        #expect(world.sentSteps == ["tell @ 2026-11-02T03:00:00.000Z", "mail @ 2026-11-02T03:30:00.000Z"])
        let lead = try world.lead(budi)
        #expect(lead.enrollments.first?.status == "completed")
        #expect(lead.timeline.contains { $0.step?.rawValue == "tell" && $0.what == "accepted" }, "\(lead.timeline)")
        #expect(try world.audit() == [])
    }

    @Test func aLeadWithoutAnAddressHasItsColleagueTold() throws {
        let world = try world(lead: ["crm-7", "0812"], columns: ["key", "phone"])
        world.run(for: .hours(2))
        #expect(world.sends.map(\.step.id.rawValue) == ["tell"])
        let timeline = try world.lead("crm-7").timeline
        #expect(timeline.contains { $0.step?.rawValue == "mail" && $0.reason == .noAddress })
    }

    @Test func nobodyIsToldOfTheControlShare() throws {
        let world = try world(head: "holdout: 99.99%")
        world.run(for: .days(2))
        #expect(world.sends.isEmpty)
    }

    /// As a transactional step: an unsubscribe leaves it alone, a bounce of the lead's own address ends everything.
    @Test func anUnsubscribeLeavesItAlone() throws {
        let left = try world()
        _ = try left.event("unsubscribed", of: budi)
        left.run(for: .hours(2))
        #expect(left.sends.map(\.step.id.rawValue) == ["tell"])
        let gone = try world()
        _ = try gone.event("bounced", of: budi)
        gone.run(for: .hours(2))
        #expect(gone.sends.isEmpty)
    }

    /// The colleague's mailbox is not there: the lead hears of nothing, and ops do.
    @Test func aRefusalIsTheColleaguesAlone() throws {
        let world = try world { $0.step.id.rawValue == "tell" ? World.noSuchUser($0) : World.accepted($0) }
        world.run(for: .hours(2))
        #expect(world.sends.map(\.step.id.rawValue) == ["tell", "mail"])
        let lead = try world.lead(budi)
        #expect(lead.suppression == nil && lead.enrollments.first?.status == "completed")
        let status = try world.status()
        #expect(
            status.problems.map(\.what) == [
                "the note c/tell did not reach sales@rumpun.example: 550 5.1.1 no such user"
            ])
        #expect(try world.audit() == [])
    }

    private func give(
        _ world: World, _ meaning: ReturnedLetter.Meaning, _ purpose: ReturnMark.Purpose = .notice,
        addresses: [String] = []
    ) throws -> ReturnAnswer? {
        let order = try #require(world.sends.first)
        let token = mark.token(for: order.delivery.enrollment, step: order.step.id, purpose: purpose)
        let letter = ReturnedLetter(
            id: "\(meaning)", meaning: meaning, bounceTokens: [token], unsubscribeTokens: [token], messageIDs: [],
            addresses: addresses)
        guard case .returned(let answer) = try world.command(.returned(letter)) else { return nil }
        return answer
    }

    @Test(arguments: [
        ReturnedLetter.Meaning.hardBounce("550 5.1.1 gone"), .complaint("abuse"), .failure("it is lost"), .reply,
        .unsubscribe,
    ])
    func whatComesBackSaysNothingOfTheLead(meaning: ReturnedLetter.Meaning) throws {
        let world = try world(head: "exit: { on: replied }")
        world.run(until: World.monday + .hours(1))
        _ = try give(world, meaning)
        let lead = try world.lead(budi)
        #expect(lead.suppression == nil)
        #expect(lead.enrollments.first?.status != "exited")
        let isTold = meaning != .reply && meaning != .unsubscribe
        let problems = try world.status().problems.map(\.what)
        #expect(problems.count == (isTold ? 1 : 0))
        #expect(problems.allSatisfy { $0.hasPrefix("the note c/tell did not reach sales@rumpun.example: ") })
    }

    /// Its token has a purpose of its own, so that this holds for a step that the file has no more.
    @Test func alsoWhereTheStepIsGone() throws {
        let world = try world()
        world.run(until: World.monday + .hours(1))
        world.files["c/campaign.yaml"] = "name: C\nsteps:\n  - { id: mail, day: 9, email: m.md }\n"
        try world.reload()
        #expect(try give(world, .hardBounce("550 5.1.1 gone"))?.isProved == true)
        #expect(try world.lead(budi).suppression == nil)
    }

    @Test func theLeadsOwnReplyIsOne() throws {
        let world = try world(head: "exit: { on: replied }")
        world.run(until: World.monday + .hours(1))
        _ = try give(world, .reply, addresses: [budi])
        #expect(try world.lead(budi).timeline.contains { $0.what == "event" })
    }

    // MARK: The note itself

    @Test func theNoteIsAPlainMailToTheColleague() throws {
        let world = try world(lead: [budi, "0812"], columns: ["email", "phone"])
        world.run(for: .hours(1))
        let order = try #require(world.sends.first)
        let signer = try LinkSigner(
            publicURL: "https://go.rumpun.example",
            keys: [LinkSigner.Key(id: 1, secret: Array(repeating: 7, count: 32))])
        let composition = Composition(
            instanceID: world.instanceID, signer: signer, returns: ReturnPath(mark: mark, mailbox: .domain(nil)))
        guard case .mail(let mail) = try composition.payload(of: order) else {
            Issue.record("no mail")
            return
        }
        let text = String(decoding: mail.bytes, as: UTF8.self)
        #expect(mail.recipient.text == "sales@rumpun.example")
        #expect(mail.sender.text.hasPrefix("bounce+"))
        #expect(text.contains("\r\nTo: sales@rumpun.example\r\nReply-To: budi@example.com\r\n"))
        #expect(text.contains("\r\nAuto-Submitted: auto-generated\r\n"))
        #expect(text.hasSuffix("\r\n\r\nCall 0812.\r\n"), "\(text)")
        for no in ["List-", "Feedback-ID", "multipart", "text/html", "go.rumpun.example", "Jalan Melati"] {
            #expect(!text.contains(no), "\(no)")
        }
        guard case .content(let content) = try composition.payload(of: order, as: .content) else {
            Issue.record("no content")
            return
        }
        #expect(content.recipient?.text == "sales@rumpun.example" && content.replyTo?.text == budi)
        #expect(content.text == "Call 0812.\n" && content.html.contains(">Call 0812.\n</pre>"))
        #expect(content.unsubscribeURL == nil && !content.headers.contains { $0.name.hasPrefix("List-") })
    }

    @Test func aWebhookIsToldOfTheLead() throws {
        let world = try world(["id: tell, after: 1h, notify: { transport: hook, message: m.md }"])
        world.run(for: .hours(1))
        #expect(world.sentBy == ["hook"])
        let order = try #require(world.sends.first)
        guard case .post(let post) = try Composition(instanceID: "x", signer: nil).payload(of: order) else {
            Issue.record("no post")
            return
        }
        #expect(String(decoding: post.body, as: UTF8.self).contains("\"email\":\"budi@example.com\""))
    }
}
