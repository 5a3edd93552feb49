import DripCore
import Testing

@testable import DripSimulator

/// What people do on the page behind a link, and leads that ask to be forgotten: that it is drawn, and that it is judged.
@Suite struct PagesTests {
    private static let ground = Result { try Ground() }

    private func broken(_ spoil: (inout Doctored) -> Void) throws -> Set<String> {
        var history = Doctored.sound
        history.facts.removeLast()
        spoil(&history)
        return history.broken(on: try Self.ground.get())
    }

    private static let erased = Fact.What.erased(lead: "k0", mailboxes: [Doctored.mailbox])

    @Test func whoIsErasedGetsNothing() throws {
        let breaks = try broken {
            $0.add(Self.erased, hours: 30)
            $0.add(.marked(Doctored.mark(2)), hours: 31)
        }
        #expect(breaks.contains("G10"))
    }

    @Test func whatIsLeftOfWhoIsErasedBreaksG10() throws {
        for (traces, isBroken) in [([], false), (["mailboxes.address: lead@example.com"], true)] {
            let breaks = try broken {
                $0.add(Self.erased, hours: 30)
                $0.add(.kept(lead: "k0", traces), hours: 40)
                $0.end()
            }
            #expect(breaks == (isBroken ? ["G10"] : []))
        }
    }

    @Test func aRunThatOutlivesItsLeadBreaksG10() throws {
        let breaks = try broken {
            $0.add(Self.erased, hours: 30)
            $0.end([Doctored.line("active")])
        }
        #expect(breaks.contains("G10"))
    }

    /// The do-not-send entry of a mailbox that the lead has left goes by a hash from then on, as does that of its present one.
    @Test func aMailboxThatWasLeftIsForgottenToo() {
        var roster = Roster()
        for address in ["old@example.com", "new@example.com"] {
            _ = roster.took([LeadPlan(key: "k0", email: address)], into: nil, isCertain: true)
        }
        _ = roster.took([LeadPlan(key: "k1", email: "OLD@example.com")], into: nil, isCertain: true)
        func forgotten(_ lead: String) -> Set<String> {
            roster.erase(lead).reduce(into: []) { all, what in
                if case .erased(_, let mailboxes) = what { all.formUnion(mailboxes) }
            }
        }
        #expect(forgotten("k0") == ["new@example.com"], "the other one is somebody else's now")
        #expect(forgotten("k1") == ["old@example.com"])
        #expect(forgotten("k1") == [])
        let again = roster.took([LeadPlan(key: "k2", email: "New@example.com")], into: "c", isCertain: true)
        #expect(again.isEmpty, "a list that brings it back is refused")
    }

    /// What somebody entered by hand, and what a list holds that never came, is nobody's as far as the state knows.
    @Test func onlyWhatALeadHadIsItsOwn() {
        var roster = Roster()
        for address in ["old@example.com", "Both@example.com"] {
            _ = roster.took([LeadPlan(key: "k0", email: address)], into: nil, isCertain: true)
        }
        _ = roster.optOut("hand@example.com", of: "news", isCertain: true)
        #expect(roster.ownMailboxes(of: "k0") == ["old@example.com", "both@example.com"])
        _ = roster.took([LeadPlan(key: "k1", email: "both@example.com")], into: nil, isCertain: true)
        #expect(roster.ownMailboxes(of: "k0") == ["old@example.com"])
        _ = roster.erase("k1")
        #expect(roster.ownMailboxes(of: "k0") == ["old@example.com", "both@example.com"], "nobody else's any more")
    }

    /// Two campaigns, three rows of one lead, of which only the first has an address; so many hours from two before nine.
    private func history(_ actions: [(hours: Double, kind: Action.Kind)]) throws -> [String] {
        var folder = Doctored().folder
        folder.policy.caps = []
        folder.campaigns["c"]?.window = nil
        folder.campaigns["d"] = folder.campaigns["c"]
        let begin = Doctored.nine - .hours(2)
        let scenario = Scenario(
            seed: 1, startsAt: begin, transports: TransportPlan.pair(email: 1, http: 1), folders: [folder],
            leads: [LeadPlan(key: "k0", email: "k0@example.com"), LeadPlan(key: "k0")],
            actions: actions.map { Action(at: begin + .milliseconds(Int64($0.hours * 3_600_000)), kind: $0.kind) },
            temper: .calm, isPlain: false, faultsEndAt: begin + .days(4))
        let verdict = try Simulation.run(scenario, on: try Self.ground.get(), isVerbose: true)
        #expect(verdict.violations == [])
        return verdict.history
    }

    @Test func anAddressThatSomebodyEnteredIsNoTraceOfALeadThatNeverHadIt() throws {
        let history = try history([
            (0, .suppress(mailbox: "k0@example.com", topic: "news")), (1, .importLeads([1], campaign: nil)),
            (2, .erase(lead: "k0")),
        ])
        #expect(history.contains { $0.hasSuffix("kept of k0: nothing") })
    }

    /// The second list finds nobody, and comes again behind a sleep in which its lead asks to be forgotten.
    @Test func anErasureWaitsForWhatIsStillSaidOfItsLead() throws {
        let history = try history([
            (0, .importLeads([1], campaign: nil)), (1, .restart(downtime: .hours(3))),
            (2, .importLeads([1], campaign: nil)), (2.5, .suspend(.hours(5))), (2.75, .erase(lead: "k0")),
        ])
        let told = history.filter { $0.hasSuffix("stored k0") || $0.hasSuffix("erased k0") }
        #expect(told.map { $0.hasSuffix("stored k0") } == [true, true, false], "\(told)")
    }

    /// The copy knows nothing of the second run, and its link changes nothing; the link of the first one does.
    @Test(arguments: ["c", "d"])
    func aLinkOutOfALostRunChangesNothing(lost: String) throws {
        let visit = PagePlan(deed: .unsubscribe, moment: .due(.zero), pick: 0)
        let history = try history([
            (0, .importLeads([0], campaign: "c")), (0.5, .backup),
            (3, lost == "d" ? .importLeads([0], campaign: "d") : .ring), (5, .pageOfSome(visit)),
            (6, .restore(downtime: .seconds(1))),
        ])
        #expect(history.contains { $0.contains("## on the page of [") })
        #expect(history.contains { $0.contains("suppressed k0@example.com") } == (lost == "c"))
    }

    /// The other seeds keep their histories: whoever draws no page has none.
    @Test func aThirdOfTheFaultyHistoriesHasPages() throws {
        let zones = try Self.ground.get().zones
        var (all, pages, erasures) = (0, 0, 0)
        for seed in UInt64(1)...300 {
            let scenario = Scenario(seed: seed, zones: zones)
            let hasPages = scenario.actions.contains { if case .pageOfSome = $0.kind { true } else { false } }
            #expect(!hasPages || !(scenario.isCalm || scenario.isPlain), "seed \(seed)")
            #expect(!scenario.hasErasures || !scenario.hasMerges, "seed \(seed)")
            guard !scenario.isCalm, !scenario.isPlain else { continue }
            all += 1
            if hasPages { pages += 1 }
            if scenario.hasErasures { erasures += 1 }
        }
        #expect((all / 5...all / 2).contains(pages), "\(pages) of \(all)")
        #expect((all / 20...all / 4).contains(erasures), "\(erasures) of \(all)")
    }

    /// A race that one side always wins is none.
    @Test func unsubscribesComeOutOnEverySide() throws {
        let ground = try Self.ground.get()
        var sides: [String: Int] = [:]
        for seed in UInt64(1)...300 {
            let scenario = Scenario(seed: seed, zones: ground.zones)
            let hasRaces = scenario.actions.contains { action in
                if case .pageOfSome(let plan) = action.kind { plan.deed == .unsubscribe } else { false }
            }
            guard hasRaces, sides.count < 3 else { continue }
            let verdict = try Simulation.run(scenario, on: ground)
            #expect(verdict.violations == [], "dripd-sim --seed \(seed) --shrink")
            sides.merge(verdict.figures.faults.filter { $0.key.hasPrefix("unsubscribe ") }, uniquingKeysWith: +)
        }
        #expect(
            Set(sides.keys) == [
                "unsubscribe while a message is under way", "unsubscribe behind a message",
                "unsubscribe with none under way",
            ])
    }
}
