import DripCore
import DripEngine
import DripMessages
import Foundation
import Testing

/// G10: after an erase no personal datum of that lead is left, except a keyed hash that keeps it suppressed.
@Suite struct EraseTests {
    /// Words that stand nowhere else.
    private static let traces = ["zubaidah", "crm-zz17", "qonitah", "kebayoran-lama", "zz-order-99", "old-zubaidah"]

    private func world() throws -> World {
        let world = try World(
            files: Folder.with(
                steps: ["id: one, after: 1h, email: m.md", "id: two, after: 9d, email: m.md"],
                head: "enroll: { on: demo_booked, again: { key: order_id } }", policy: "report: { source: street }"))
        try world.importLeads(
            [["crm-zz17", "old-zubaidah@example.com", "Qonitah", "kebayoran-lama"]],
            columns: ["key", "email", "first_name", "street"], into: nil)
        try world.importLeads(
            [["crm-zz17", "Zubaidah@example.com", "x"]], columns: ["key", "email", "note"], into: nil)
        _ = try world.command(
            .event(
                lead: "crm-zz17", name: EventName(rawValue: "demo_booked"), data: ["order_id": .text("zz-order-99")]))
        world.run(for: .hours(2))
        guard let target = PauseTarget(rawValue: "lead crm-zz17") else { throw Unexpected() }
        _ = try world.command(.pause(target, until: nil, note: "zubaidah called"))
        return world
    }

    private struct Unexpected: Error {}

    private func erase(_ world: World, _ key: String, everybody: Bool = false) throws -> EraseAnswer {
        guard case .erased(let answer) = try world.command(.erase(EraseRequest(lead: key, everybody: everybody))) else {
            throw Unexpected()
        }
        return answer
    }

    /// Which of the traces stand in any file of the state, whatever their case.
    private func found(in world: World, of traces: [String] = traces) throws -> [String] {
        let files = try FileManager.default.contentsOfDirectory(atPath: world.directory)
        let bytes = files.flatMap { name in
            (FileManager.default.contents(atPath: "\(world.directory)/\(name)") ?? Data()).map { byte in
                (0x41...0x5A).contains(byte) ? byte + 0x20 : byte
            }
        }
        let all = Data(bytes)
        return traces.filter { all.range(of: Data($0.utf8)) != nil }
    }

    @Test func noByteOfTheLeadIsLeft() throws {
        let world = try world()
        #expect(try found(in: world).count > 4, "the traces are there to be found")
        let answer = try erase(world, "crm-zz17")
        #expect(answer == EraseAnswer(erased: 1, exitedFrom: [CampaignID(rawValue: "c")]))
        #expect(try found(in: world) == [])
        #expect(try world.audit() == [])
        world.run(for: .days(20))
        #expect(world.sends.count == 1)
        #expect(try found(in: world) == [])
    }

    /// Also where it never confirmed, and what was put by until it does.
    @Test(arguments: [false, true]) func whatItAgreedToIsGoneToo(isConfirmed: Bool) throws {
        let traces = ["zubaidah", "zz-name", "203.0.113.9", "198.51.100.4", "acme.example/landing"]
        let forms = try FormWorld()
        try forms.submit("Zubaidah@example.com", ["first_name": "zz-name"])
        forms.world.run(for: .minutes(1))
        if isConfirmed { try forms.confirm(try #require(forms.asking.first)) }
        #expect(try found(in: forms.world, of: traces).count == (isConfirmed ? 5 : 4))
        _ = try erase(forms.world, "zubaidah@example.com")
        #expect(try found(in: forms.world, of: traces) == [])
        #expect(try forms.world.audit() == [])
    }

    @Test func theFiguresStay() throws {
        let world = try world()
        let before = try world.status()
        _ = try erase(world, "zubaidah@example.com")
        let after = try world.status()
        #expect(after.leads == before.leads - 1 && after.suppressed == 2)
        #expect(after.campaigns.first?.accepted == before.campaigns.first?.accepted)
        #expect(after.campaigns.first?.enrolled == 1 && after.campaigns.first?.exitedByReason == ["erased": 1])
    }

    @Test(arguments: ["zubaidah@example.com", "ZUBAIDAH@example.com", "old-zubaidah@example.com"])
    func whoeverBringsItBackIsRefused(_ address: String) throws {
        let world = try world()
        _ = try erase(world, "crm-zz17")
        let summary = try world.importLeads([[address, "new"]], columns: ["email", "key"], into: nil)
        #expect(summary.created == 0 && summary.refused.count == 1)
        #expect(summary.refused.first?.reason.contains("asked to be forgotten") == true)
        #expect(throws: ControlError.self) { try world.event("demo_booked", of: address) }
        #expect(throws: ControlError.self) { try world.lead("crm-zz17") }
    }

    /// A CRM posts what changed, and that need not be the address.
    @Test(arguments: [["key", "note"], ["key", "note", "email"]])
    func whoeverBringsItBackByItsKeyIsRefused(columns: [String]) throws {
        let world = try world()
        _ = try erase(world, "crm-zz17")
        let row = ["crm-zz17", "x", "other@example.com"]
        func refused() throws -> Int {
            try world.importLeads([Array(row.prefix(columns.count))], columns: columns, into: nil).refused.count
        }
        #expect(try refused() == 1)
        try world.crash()
        #expect(try refused() == 1)
        #expect(try found(in: world) == [])
        _ = try world.unsuppress("zubaidah@example.com", force: true)
        #expect(try refused() == 0)
    }

    @Test func aKeyWithoutAnAddressIsWelcomedByItself() throws {
        let world = try world()
        try world.importLeads([["crm-5", "x"]], columns: ["key", "note"], into: nil)
        _ = try erase(world, "crm-5")
        #expect(try world.importLeads([["crm-5", "x"]], columns: ["key", "note"], into: nil).refused.count == 1)
        #expect(throws: ControlError.self) { try world.unsuppress("crm-5") }
        _ = try world.unsuppress("crm-5", force: true)
        #expect(try world.importLeads([["crm-5", "x"]], columns: ["key", "note"], into: nil).created == 1)
    }

    /// A key that is written like an address may be somebody else's address by now.
    @Test func aMailboxThatSomebodyElseHasIsTheirs() throws {
        let world = try world()
        try world.importLeads([["info@example.com"]], into: nil)
        try world.importLeads([["info@example.com", "a@example.com"]], columns: ["key", "email"], into: nil)
        try world.importLeads([["crm-9", "info@example.com"]], columns: ["key", "email"], into: nil)
        _ = try erase(world, "info@example.com")
        #expect(
            try world.importLeads([["info@example.com", "x"]], columns: ["email", "note"], into: nil).updated == 1)
    }

    @Test func oneThatWasErasedByMistakeIsWelcomeAgain() throws {
        let world = try world()
        _ = try erase(world, "crm-zz17")
        _ = try world.unsuppress("zubaidah@example.com", force: true)
        #expect(try world.importLeads([["zubaidah@example.com"]], columns: ["email"], into: nil).created == 1)
        #expect(try world.audit() == [])
        try world.crash()
        #expect(try world.lead("zubaidah@example.com").suppression == nil)
    }

    @Test func whoWasMergedIntoItIsForgottenToo() throws {
        let world = try world()
        try world.importLeads([["main", "main@example.com"]], columns: ["key", "email"], into: "c")
        world.run(for: .days(1))
        _ = try world.command(.merge(MergeRequest(from: "crm-zz17", into: "main")))
        _ = try erase(world, "main")
        #expect(try found(in: world) == [])
        #expect(try world.audit() == [])
        let summary = try world.importLeads([["zubaidah@example.com"]], columns: ["email"], into: nil)
        #expect(summary.refused.count == 1)
    }

    @Test func anAddressThatOthersShareIsTheirsToo() throws {
        let world = try world()
        try world.importLeads([["crm-2", "zubaidah@example.com"]], columns: ["key", "email"], into: nil)
        #expect(throws: ControlError.self) { try erase(world, "crm-zz17") }
        #expect(try erase(world, "crm-zz17", everybody: true).erased == 2)
        #expect(try found(in: world) == [])
    }

    @Test func aMessageUnderWayIsWaitedFor() throws {
        let world = try world()
        world.respond = { _ in nil }
        try world.importLeads(
            [["siti", "siti@example.com", "7"]], columns: ["key", "email", "order_id"], into: "c")
        world.run(for: .hours(2))
        #expect(throws: ControlError.self) { try erase(world, "siti") }
        world.give(world.underWay.map(World.accepted))
        #expect(try erase(world, "siti").erased == 1)
    }

    /// A report names the mailbox in its text: nothing of it is kept.
    @Test func aLetterThatComesBackAfterwardsIsNotNoted() throws {
        let world = try world()
        let mark = try ReturnMark(keys: [.init(id: 1, secret: [UInt8](repeating: 7, count: 32))])
        world.engine.returnMark = mark
        let order = try #require(world.sends.first)
        _ = try erase(world, "crm-zz17")
        let token = mark.token(for: order.delivery.enrollment, step: order.step.id, purpose: .bounce)
        let letter = ReturnedLetter(
            source: .mailbox, id: "1", meaning: .softBounce("452 zubaidah@example.com is full"), bounceTokens: [token],
            unsubscribeTokens: [], messageIDs: [], addresses: [])
        _ = try world.command(.returned(letter))
        #expect(try found(in: world) == [])
    }

    @Test func anErasedOneIsErased() throws {
        let world = try world()
        _ = try erase(world, "crm-zz17")
        #expect(throws: ControlError.self) { try erase(world, "crm-zz17") }
        #expect(throws: ControlError.self) { try erase(world, "erased-1") }
        #expect(
            try world.importLeads([["erased-1", "a@example.com"]], columns: ["key", "email"], into: nil).refused.count
                == 1)
    }

    @Test func theExportHoldsAllOfIt() throws {
        let world = try world()
        guard case .exported(let export) = try world.command(.export("crm-zz17")) else { throw Unexpected() }
        #expect(export.lead.attributes["street"] == .text("kebayoran-lama"))
        #expect(export.events.map(\.name.rawValue) == ["demo_booked"])
        #expect(export.runData.values.map { $0["order_id"] } == [.text("zz-order-99")])
        #expect(export.lead.timeline.last?.what == "imported")
    }
}
