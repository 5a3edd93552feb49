import DripCore
import DripEngine
import DripMessages
import DripStore
import Testing

/// Reports through the engine and the real store, each number counted by hand.
@Suite struct ReportTests {
    /// The e-book's nurture, with points, sources and amounts.
    static func files() -> [String: String] {
        var files = Folder.nurture
        files["policy.yaml"] = Folder.policy(
            """
              pricing_viewed: They looked at the prices.
              sales_accepted: Sales takes them on.
              deal_opened: { about: Sales opened a deal, value: pipeline }
              purchased: { about: They paid, value: won }
            report:
              source: source
              currency: IDR
              segments: { enterprise: { employees: { at_least: 100 } } }
              cost: [ { month: 2026-11, source: Ads, amount: 10000000 }, { month: 2026-11, amount: 500000 } ]
            """)
        files["scoring.yaml"] = """
            engagement: [ { on: ebook_downloaded, points: 20 }, { on: pricing_viewed, points: 40 } ]
            stages:
              mql: { if: { score: { at_least: 60 } } }
              sql: { on: sales_accepted }
              customer: { on: purchased }
            """
        var campaign = files["c/campaign.yaml"] ?? ""
        for (step, phase) in [
            ("welcome", "awareness"), ("case-study", "consideration"), ("webinar", "consideration"),
            ("demo-offer", "decision"),
        ] { campaign = campaign.replacing("id: \(step),", with: "id: \(step), phase: \(phase),") }
        files["c/campaign.yaml"] = campaign
        return files
    }

    private func report(
        _ world: World, _ by: ReportRequest.By = .campaign, from: String? = nil, to: String? = nil,
        campaign: String? = nil
    ) throws -> Report {
        let request = ReportRequest(
            by: by, from: from.flatMap { Month($0) }, to: to.flatMap { Month($0) },
            campaign: campaign.map { CampaignID(rawValue: $0) })
        guard case .reported(let report) = try world.command(.report(request)) else {
            throw ControlError(.invalid, "another answer")
        }
        return report
    }

    private func event(
        _ world: World, _ name: String, of key: String, _ data: [String: AttributeValue] = [:]
    ) throws {
        _ = try world.command(.event(lead: key, name: EventName(rawValue: name), data: data))
    }

    private func hit(
        _ world: World, _ what: TrackedHit.What, of key: String, step: String, agent: String = "Mozilla/5.0 (X11) Gecko"
    ) throws {
        let order = try #require(world.sends.first { $0.lead.key == key && $0.step.id.rawValue == step })
        let hit = TrackedHit(
            enrollment: order.delivery.enrollment, stepHash: TrackedMark.hash(of: order.step.id), what: what,
            target: what == .clicked ? "https://acme.example/" : "", isHead: false, userAgent: agent)
        _ = try world.command(.hit(hit))
    }

    private func at(_ text: String, _ world: World) throws { world.run(until: try #require(Instant(text))) }

    /// E-book, days 1, 3, 7 and 10, prices, MQL, accepted by sales, demo, customer.
    func story() throws -> World {
        let world = try World(files: Self.files())
        try world.importLeads(
            [
                ["budi", "budi@example.com", "Ads", "150"], ["siti", "siti@example.com", "ads", "9"],
                ["ani", "ani@example.com", "Seminar", "200"], ["joko", "joko@example.com", "", ""],
            ],
            columns: ["key", "email", "source", "employees"], into: nil)
        for key in ["budi", "siti", "ani", "joko"] { try event(world, "ebook_downloaded", of: key) }
        world.run(for: .hours(1))
        try hit(world, .opened, of: "budi", step: "welcome")
        try hit(world, .clicked, of: "budi", step: "welcome")
        for _ in 0..<2 { try hit(world, .opened, of: "siti", step: "welcome") }
        try hit(world, .opened, of: "ani", step: "welcome", agent: "Mozilla/5.0")
        try hit(world, .clicked, of: "ani", step: "welcome", agent: "Mozilla/5.0")
        try at("2026-11-05T02:00:00Z", world)
        try event(world, "pricing_viewed", of: "budi")
        try at("2026-11-06T02:00:00Z", world)
        try event(world, "pricing_viewed", of: "siti")
        try at("2026-11-06T08:00:00Z", world)
        try event(world, "sales_accepted", of: "budi")
        try at("2026-11-10T02:00:00Z", world)
        try event(world, "demo_booked", of: "budi")
        try event(world, "deal_opened", of: "budi", ["value": .number(30_000_000.5), "currency": .text("idr")])
        try at("2026-11-12T02:00:00Z", world)
        try event(world, "purchased", of: "budi", ["value": .number(25_000_000)])
        try world.crash()
        try at("2026-12-03T02:00:00Z", world)
        try event(world, "purchased", of: "ani", ["value": .text("1000000")])
        return world
    }

    @Test func everyNumberIsWhatAHandCounts() throws {
        let world = try story()
        for round in 0..<3 {
            // What is erased, and a history that is pruned, change no number.
            if round == 1 { _ = try world.command(.erase(EraseRequest(lead: "ani"))) }
            if round == 2 {
                world.engine.journalIsKept = .days(1)
                for _ in 0..<4 {
                    world.sleep(until: world.now + .days(1))
                    world.ring()
                }
                #expect(try world.lead("budi").timeline.isEmpty)
            }
            let report = try report(world)
            let funnel = try #require(report.total.funnel)
            #expect([funnel.leads, funnel.mqls, funnel.sqls, funnel.customers] == [4, 3, 2, 2])
            #expect(funnel.leadToMQL == Rate(3, of: 4) && funnel.mqlToSQL == Rate(2, of: 3))
            #expect(funnel.sqlToCustomer == Rate(2, of: 2) && funnel.leadToCustomer == Rate(2, of: 4))
            #expect(
                funnel.times.map { "\($0.passage) \($0.median ?? "") \($0.p90 ?? "") \($0.leads)" } == [
                    "lead → MQL 3 d 4 d 2", "MQL → SQL 1 d 6 h 1 d 6 h 1", "SQL → customer 5 d 18 h 5 d 18 h 1",
                    "lead → customer 10 d 31 d 2",
                ])
            // Four of each but the last, which budi's demo came before.
            #expect(
                report.total.mail
                    == Report.Mail(
                        accepted: 15, inDoubt: 0, otherChannels: 0, opened: 2, clicked: 1, openedAndClicked: 1,
                        openedByPrograms: 1, clickedByPrograms: 1))
            #expect(report.total.money?.pipeline.grouped == "30,000,000.50" && report.total.money?.pipelineDeals == 1)
            #expect(report.total.money?.won.grouped == "26,000,000" && report.total.money?.wonDeals == 2)
            #expect(report.total.lifetimeValue?.grouped == "13,000,000")
            let happened = try #require(report.total.happened)
            #expect([happened.leads, happened.mqls, happened.sqls, happened.customers] == [4, 3, 2, 2])
            #expect(happened.cost?.grouped == "10,500,000" && happened.costPerCustomer?.grouped == "5,250,000")
            #expect(
                report.months.map { "\($0.month) \($0.leads) \($0.mqls) \($0.sqls) \($0.customers) \($0.won)" } == [
                    "2026-11 4 2 1 1 25000000", "2026-12 0 1 1 1 1000000",
                ])
            let line = try #require(report.lines.first)
            #expect(report.lines.map(\.name) == ["c"] && line.goals == Rate(1, of: 4))
            #expect(line.funnel == funnel && line.mail == report.total.mail && line.money == report.total.money)
            #expect(report.comparisons.isEmpty && report.timeZone == "Asia/Jakarta" && report.currency == "IDR")
            #expect(try world.audit() == [])
        }
    }

    @Test func monthsAreOfMakingOrOfHappening() throws {
        let world = try story()
        let november = try report(world, from: "2026-11", to: "2026-11")
        // Of the leads of November, ani became a customer in December; in November there was one new customer.
        #expect(november.total.funnel?.customers == 2 && november.total.happened?.customers == 1)
        #expect(november.total.happened?.costPerCustomer?.grouped == "10,500,000" && november.months.count == 1)
        #expect(november.total.happened?.money.won.grouped == "25,000,000")
        let december = try report(world, from: "2026-12")
        #expect(december.total.funnel?.leads == 0 && december.total.funnel?.leadToMQL.percent == "–")
        #expect(december.total.happened?.customers == 1 && december.total.happened?.cost == nil)
        #expect(december.total.mail?.accepted == 0)
        #expect(throws: ControlError.self) { try report(world, from: "2026-12", to: "2026-11") }
        #expect(throws: ControlError.self) { try report(world, campaign: "nonesuch") }
        #expect(try report(world, .step, campaign: "c").total.funnel?.leads == 4)
    }

    @Test func linesAreToldApart() throws {
        let world = try story()
        func lines(_ by: ReportRequest.By, _ words: (Report.Line) -> String) throws -> [String] {
            try report(world, by).lines.map { "\($0.name): \(words($0))" }
        }
        func leads(_ line: Report.Line) -> String {
            let funnel = line.funnel
            return "\(funnel?.leads ?? 0) \(funnel?.mqls ?? 0) \(funnel?.sqls ?? 0) \(funnel?.customers ?? 0), "
                + "\(line.mail?.accepted ?? 0) \(line.mail?.opened.count ?? 0), \(line.money?.won.description ?? ""), "
                + (line.happened?.costPerCustomer?.description ?? "")
        }
        func mails(_ line: Report.Line) -> String {
            "\(line.mail?.accepted ?? 0) \(line.mail?.opened.percent ?? "") \(line.mail?.clicked.percent ?? "")"
        }
        #expect(
            try lines(.source, leads) == [
                "ads: 2 2 1 1, 7 2, 25000000, 10000000", "seminar: 1 1 1 1, 4 0, 1000000, ",
                "(none): 1 0 0 0, 4 0, 0, ",
            ])
        #expect(try lines(.segment, leads) == ["enterprise: 2 2 2 2, 7 1, 26000000, "])
        #expect(try lines(.cohort, leads) == ["2026-11: 4 3 2 2, 15 2, 26000000, "])
        #expect(
            try lines(.step, mails) == [
                "c/welcome: 4 50.0% 25.0%", "c/case-study: 4 0.0% 0.0%", "c/webinar: 4 0.0% 0.0%",
                "c/demo-offer: 3 0.0% 0.0%",
            ])
        #expect(
            try lines(.phase, mails) == [
                "awareness: 4 50.0% 25.0%", "consideration: 8 0.0% 0.0%", "decision: 3 0.0% 0.0%",
            ])
        #expect(try lines(.variant, mails) == [])
    }

    /// A lead counts where it stands now, with all that it ever did.
    @Test func aChangedFactMovesWhatWasCounted() throws {
        let world = try story()
        try world.importLeads([["joko", "Ads", "500"]], columns: ["key", "source", "employees"], into: nil)
        let ads = try #require(try report(world, .source).lines.first)
        #expect(ads.name == "ads" && ads.funnel?.leads == 3 && ads.mail?.accepted == 11)
        #expect(try report(world, .segment).lines.first?.funnel?.leads == 3)
        try world.importLeads(
            [["joko", "joko@example.com", "10"]], columns: ["key", "source", "employees"], into: nil)
        // What may be an address has no line of its own.
        #expect(try report(world, .source).lines.map(\.name) == ["(other)", "ads", "seminar"])
        #expect(try report(world, .segment).lines.first?.funnel?.leads == 2)
        #expect(try world.audit() == [])
    }

    @Test func whatMergesIsOneLead() throws {
        let world = try story()
        _ = try world.command(.merge(MergeRequest(from: "siti", into: "budi")))
        let report = try report(world)
        let funnel = try #require(report.total.funnel)
        #expect([funnel.leads, funnel.mqls, funnel.sqls, funnel.customers] == [3, 2, 2, 2])
        #expect(report.total.mail?.accepted == 15 && report.lines.first?.funnel?.leads == 3)
        #expect(report.lines.first?.goals == Rate(1, of: 4))
        #expect(try self.report(world, .source).lines.first?.funnel?.leads == 1)
        #expect(try world.audit() == [])
    }

    @Test func anAmountThatIsNoneIsRefused() throws {
        let world = try story()
        for data: [String: AttributeValue] in [
            ["value": .text("a lot")], ["value": .number(-1)], ["value": .number(5), "currency": .text("USD")],
            ["value": .number(0.0001)],
        ] { #expect(throws: ControlError.self, "\(data)") { try event(world, "purchased", of: "joko", data) } }
        #expect(try report(world).total.funnel?.customers == 2)
        // Without one it is an event like others.
        try event(world, "purchased", of: "joko")
        let total = try report(world).total
        #expect(total.funnel?.customers == 3 && total.money?.wonDeals == 2)
    }

    /// Who is held out goes through the calendar and gets nothing; the difference is what the campaign adds.
    @Test func aControlIsComparedWithTheRest() throws {
        var files = Self.files()
        files["c/campaign.yaml"] = (files["c/campaign.yaml"] ?? "") + "holdout: 50%\n"
        let world = try World(files: files)
        let keys = (0..<120).map { "lead\($0)@example.com" }
        try world.importLeads(keys.map { [$0] }, into: "c")
        world.run(for: .days(1))
        let written = Set(world.sends.map(\.lead.key))
        let held = keys.filter { !written.contains($0) }
        #expect(held.count > 30 && written.count > 30)
        for key in written.sorted().prefix(20) + held.prefix(5) { try event(world, "demo_booked", of: key) }
        let report = try report(world)
        #expect(
            report.lines.first?.funnel?.leads == written.count
                && report.lines.first?.goals == Rate(20, of: written.count))
        let uplift = try #require(report.comparisons.first)
        #expect(uplift.of == "c: goal" && uplift.firstName == "control" && uplift.secondName == "campaign")
        #expect(uplift.first == Rate(5, of: held.count) && uplift.second == Rate(20, of: written.count))
        #expect(uplift.verdict == .better && uplift.lowestPoints ?? 0 > 0)
        #expect(report.comparisons.count == 1 && report.total.mail?.accepted == written.count)
        #expect(try world.audit() == [])
    }

    @Test func variantsAreCompared() throws {
        var files = Self.files()
        files["c/campaign.yaml"] = """
            name: C
            goal: demo_booked
            steps:
              - id: ab
                split:
                  - { name: a, weight: 1, steps: [ { id: short, after: 1h, email: m.md } ] }
                  - { name: b, weight: 1, steps: [ { id: long, after: 1h, email: m.md } ] }
              - { id: read, wait_for: replied, up_to: 9d }

            """
        files["c/campaign.yaml"]? += "holdout: 20%\n"
        let world = try World(files: files)
        try world.importLeads((0..<130).map { ["lead\($0)@example.com"] }, into: "c")
        world.run(for: .hours(3))
        // Who is held out takes an arm and gets nothing of it: it is in neither of the groups.
        let held = (0..<130).map { "lead\($0)@example.com" }.filter { key in
            !world.sends.contains { $0.lead.key == key }
        }
        #expect(held.count > 10)
        for key in held { try event(world, "demo_booked", of: key) }
        let short = world.sends.filter { $0.step.id.rawValue == "short" }.map(\.lead.key)
        let long = world.sends.filter { $0.step.id.rawValue == "long" }.map(\.lead.key)
        for key in short.prefix(3) + long.prefix(19) { try event(world, "demo_booked", of: key) }
        try hit(world, .clicked, of: try #require(long.last), step: "long")
        let report = try report(world, .variant)
        #expect(report.lines.map(\.name) == ["c/ab: a", "c/ab: b"])
        #expect(report.lines.map(\.goals) == [Rate(3, of: short.count), Rate(19, of: long.count)])
        #expect(report.comparisons.map(\.of) == ["c/ab: goal", "c/ab: clicked"])
        #expect(report.comparisons.map(\.verdict) == [.better, .tooFew])
        #expect(report.comparisons.last?.second == Rate(1, of: long.count))
        #expect(try world.audit() == [])
    }

    /// A sum that leaves 64 bits would end the program: it is refused long before, and nothing of the event is written.
    @Test func amountsLeaveRoomForSums() throws {
        let world = try World(files: Self.files())
        try world.importLeads([["budi@example.com"]], into: nil)
        let trillion: [String: AttributeValue] = ["value": .text("1000000000000")]
        for _ in 0..<50 { try event(world, "purchased", of: "budi@example.com", trillion) }
        #expect(throws: ControlError.self) { try event(world, "purchased", of: "budi@example.com", trillion) }
        // Pipeline has room of its own.
        try event(world, "deal_opened", of: "budi@example.com", trillion)
        #expect(try report(world).total.money?.won.grouped == "50,000,000,000,000")
        #expect(try world.lead("budi@example.com").timeline.filter { $0.detail.hasPrefix("purchased") }.count == 50)
        #expect(try world.audit() == [])
    }

    /// What enrols a lead and makes it an MQL at once is not the campaign's doing; what follows is.
    @Test func aCampaignIsNotPraisedForWhatCameBeforeIt() throws {
        var files = Self.files()
        files["scoring.yaml"] = files["scoring.yaml"]?.replacing("at_least: 60", with: "at_least: 20")
        let world = try World(files: files)
        try world.importLeads([["budi@example.com"]], into: nil)
        try event(world, "ebook_downloaded", of: "budi@example.com")
        world.run(for: .hours(1))
        try event(world, "sales_accepted", of: "budi@example.com")
        let report = try report(world)
        let line = try #require(report.lines.first?.funnel)
        #expect(report.total.funnel?.leadToMQL == Rate(1, of: 1))
        #expect(line.leads == 1 && line.leadToMQL == Rate(0, of: 0) && line.mqlToSQL == Rate(1, of: 1))
    }

    /// Midnight in Jakarta is 17:00 of the day before in UTC: a month ends there.
    @Test func aMonthEndsWhereThePolicyLives() throws {
        let world = try World(files: Self.files(), now: try #require(Instant("2026-11-30T16:59:59Z")))
        try world.importLeads([["budi@example.com"]], into: nil)
        try at("2026-11-30T17:00:00Z", world)
        try world.importLeads([["siti@example.com"]], into: nil)
        #expect(
            try report(world, .cohort).lines.map { "\($0.name) \($0.funnel?.leads ?? 0)" } == [
                "2026-11 1", "2026-12 1",
            ])
    }
}
