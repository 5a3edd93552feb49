import DripCampaigns
import DripCore
import Testing

@Suite struct CampaignLoaderTests {
    @Test func loadsTheSample() throws {
        let result = Sample.load()
        #expect(result.diagnostics == [])
        #expect(!result.policyIsBroken && result.brokenCampaigns.isEmpty && !result.hasErrors)
        let loaded = try #require(result.campaigns[CampaignID(rawValue: "ebook")])
        #expect(loaded.files == ["ebook/campaign.yaml", "ebook/case-study.md", "ebook/welcome.md"])
        #expect(loaded.messages.keys.sorted() == ["ebook/case-study.md", "ebook/welcome.md"])
        #expect(result.layouts["default"]?.html == Sample.layout)
    }

    /// The file of design §5, without the keys that are not there yet.
    @Test func loadsEveryKeyOfACampaign() throws {
        let text = """
            # Leads who downloaded the e-book, until they book a demo.
            name: E-book nurture
            goal: demo_booked
            priority: 070
            time_zone: Asia/Makassar          # for leads whose own zone is unknown
            send_window: { days: "mon-wed, fri", hours: 22:00-02:30, holidays: [company, indonesia] }
            anchor: previous
            spread: 10m
            enroll: { on: [ebook_downloaded, clicked], again: never }
            exit:
              on: replied
            steps:
              - id: welcome
                phase: awareness
                day: 1
                email: welcome.md
              - id: note
                day: 03
                at: 23:15
                spread: 0s
                if: { industry: [fintech, no], employees: { at_least: 50, less_than: 1000.5 } }
                http: { transport: crm, message: ./case-study.md }
                defer_max: 2d
                late_max: 90m
                when_late: send
              - id: reminder
                after: -72h
                anchor: { attribute: trial_ends_on }
                vary_by: industry
                email: welcome.md

            """
        let calendars = "holidays: { indonesia: [ 2026-12-25, \"08-17\" ], company: [ 2026-11-20 ] }\n"
        let result = Sample.load([
            "policy.yaml": Sample.policy + calendars, "ebook/campaign.yaml": text,
            "ebook/welcome.pt-BR.md": Sample.message, "ebook/welcome.fintech.md": Sample.message,
            "ebook/welcome.Real-Estate.id.md": Sample.message,
        ])
        #expect(Sample.text(result.diagnostics) == "")
        let campaign = try #require(result.campaigns[CampaignID(rawValue: "ebook")]?.campaign)
        let note = Step(
            id: StepID(rawValue: "note"), timing: .day(3, at: LocalTime("23:15")), anchor: .previous,
            condition: .all([
                .attribute("industry", .isOneOf([.text("fintech"), .text("no")])),
                .all([.attribute("employees", .atLeast(50)), .attribute("employees", .lessThan(1000.5))]),
            ]), action: .http(transport: "crm", MessageChoice(path: "ebook/case-study.md")), deferMax: .days(2),
            lateMax: .minutes(90), whenLate: .send)
        let welcome = Step(
            id: StepID(rawValue: "welcome"), phase: .awareness, timing: .day(1, at: nil), anchor: .previous,
            spread: .minutes(10),
            action: .email(MessageChoice(path: "ebook/welcome.md", byLocale: ["pt-br": "ebook/welcome.pt-BR.md"])))
        let reminder = Step(
            id: StepID(rawValue: "reminder"), timing: .after(.zero - .hours(72)), anchor: .attribute("trial_ends_on"),
            spread: .minutes(10),
            action: .email(
                MessageChoice(
                    path: "ebook/welcome.md", byLocale: ["pt-br": "ebook/welcome.pt-BR.md"], varyBy: "industry",
                    variants: [
                        "fintech": .init(path: "ebook/welcome.fintech.md"),
                        "real-estate": .init(byLocale: ["id": "ebook/welcome.Real-Estate.id.md"]),
                    ])))
        let (fair, christmas) = (try #require(LocalDate("2026-11-20")), try #require(LocalDate("2026-12-25")))
        let holidays = Holidays([
            .init(.dates(fair, fair)), .init(.dates(christmas, christmas)), .init(.yearly(month: 8, day: 17)),
        ])
        let window = SendWindow(
            days: [.monday, .tuesday, .wednesday, .friday], opens: try #require(LocalTime("22:00")),
            closes: try #require(LocalTime("02:30")))
        let expected = Campaign(
            id: CampaignID(rawValue: "ebook"), name: "E-book nurture", priority: 70, zoneName: "Asia/Makassar",
            window: window, holidays: holidays,
            enrollOn: ["ebook_downloaded", "clicked"].map(EventName.init(rawValue:)),
            goal: Goal(on: [EventName(rawValue: "demo_booked")]), exitOn: [EventName(rawValue: "replied")],
            steps: [welcome, note, reminder])
        #expect(campaign == expected)
    }

    /// `company: { size: … }` is another writing of `company.size: …`.
    @Test(arguments: [
        "{ company.size: { at_least: 50 }, company.hq.country: [id, sg] }",
        "{ company: { size: { at_least: 50 }, hq: { country: [id, sg] } } }",
        "{ company: { size: { at_least: 50 }, hq.country: [id, sg] } }",
    ])
    func aConditionMayNestTheFactsOfAnAttribute(condition: String) throws {
        let result = Sample.load([
            "ebook/case-study.md": nil,
            "ebook/campaign.yaml":
                "name: E\nsteps:\n  - { id: a, day: 1, email: welcome.md, vary_by: company.kind, if: \(condition) }\n",
        ])
        #expect(Sample.text(result.diagnostics) == "")
        let step = try #require(result.campaigns[CampaignID(rawValue: "ebook")]?.campaign.steps.first)
        #expect(
            step.condition
                == .all([
                    .attribute("company.size", .atLeast(50)),
                    .attribute("company.hq.country", .isOneOf([.text("id"), .text("sg")])),
                ]))
    }

    @Test func aTestStaysATestBesideFactsInside() throws {
        let result = Sample.load([
            "ebook/case-study.md": nil,
            "ebook/campaign.yaml":
                "name: E\nsteps:\n  - { id: a, day: 1, email: welcome.md, if: { company: { exists: true, size: 5 } } }\n",
        ])
        #expect(Sample.text(result.diagnostics) == "")
        let step = try #require(result.campaigns[CampaignID(rawValue: "ebook")]?.campaign.steps.first)
        #expect(
            step.condition
                == .all([
                    .attribute("company", .exists(true)), .attribute("company.size", .isOneOf([.text("5")])),
                ]))
    }

    @Test func loadsEveryKeyOfThePolicy() throws {
        let more = """
            quiet_hours: { hours: "21:00-07:00", days: sun-thu }
            holidays:
              indonesia:
                - { on: 2026-12-25, name: Natal }
                - { from: 2027-03-20, to: 2027-03-24 }
                - 02-29
              none: [ 2026-11-20 ]

            """
        let result = Sample.load(["policy.yaml": Sample.policy + more])
        let (natal, first) = (try #require(LocalDate("2026-12-25")), try #require(LocalDate("2027-03-20")))
        let fair = try #require(LocalDate("2026-11-20"))
        let address = try EmailAddress("hello@acme.example")
        let expected = Policy(
            sender: Policy.Sender(name: "Acme", address: address),
            postalAddress: "Acme, Jl. Sudirman 1, Jakarta 10220",
            unsubscribeAddress: try EmailAddress("unsubscribe@acme.example"), zoneName: "Asia/Jakarta",
            caps: [FrequencyCap(count: 1, period: .hours(24))], minGap: .hours(20), lateMax: .hours(24),
            events: [
                EventName(rawValue: "ebook_downloaded"): "Someone fetched the e-book",
                EventName(rawValue: "demo_booked"): "Someone booked a demo",
            ],
            topics: [
                TopicID(rawValue: "education"): "Guides and case studies", TopicID(rawValue: "promotions"): "Offers",
            ],
            quietHours: QuietHours(
                days: [.sunday, .monday, .tuesday, .wednesday, .thursday], begins: try #require(LocalTime("21:00")),
                ends: try #require(LocalTime("07:00"))),
            holidays: [
                "indonesia": Holidays([
                    .init(.dates(natal, natal), name: "Natal"), .init(.dates(first, first.adding(days: 4))),
                    .init(.yearly(month: 2, day: 29)),
                ]), "none": Holidays([.init(.dates(fair, fair))]),
            ])
        #expect(result.policy == expected)
    }

    @Test func loadsCapsOfEveryScope() throws {
        let caps = """
            caps:
              - { at_most: 2, per: 24h }
              - { at_most: 1, per: day, calendar: true }
              - { at_most: 3, per: 7d, channel: email, calendar: false }
              - { at_most: 1, per: 2d, topic: promotions }
              - { at_most: 1, per: 1d, campaign: ebook }
              - { at_most: 2, per: 7d, each: campaign }
              - { at_most: 9, per: month, calendar: true, channel: http, each: topic }
            look_ahead: 0s
            """
        let own = "caps: [ { at_most: 1, per: 2d }, { at_most: 1, per: week, calendar: true, topic: education } ]\n"
        let result = Sample.load([
            "policy.yaml": Sample.policy.replacing("caps:\n  - { at_most: 1, per: 24h }", with: caps),
            "ebook/campaign.yaml": Sample.campaign.replacing("steps:", with: own + "steps:"),
        ])
        #expect(Sample.text(result.diagnostics) == "")
        let ebook = CampaignID(rawValue: "ebook")
        #expect(
            result.policy?.caps == [
                FrequencyCap(count: 2, period: .hours(24)), FrequencyCap(count: 1, period: .calendar(.day)),
                FrequencyCap(count: 3, period: .days(7), scope: .init(channel: .email)),
                FrequencyCap(count: 1, period: .days(2), scope: .init(topic: TopicID(rawValue: "promotions"))),
                FrequencyCap(count: 1, period: .days(1), scope: .init(campaign: ebook)),
                FrequencyCap(count: 2, period: .days(7), scope: .init(each: .campaign)),
                FrequencyCap(count: 9, period: .calendar(.month), scope: .init(channel: .http, each: .topic)),
            ])
        #expect(result.policy?.lookAhead == .zero)
        #expect(
            result.campaigns[ebook]?.campaign.caps == [
                FrequencyCap(count: 1, period: .days(2), scope: .init(campaign: ebook)),
                FrequencyCap(
                    count: 1, period: .calendar(.week),
                    scope: .init(topic: TopicID(rawValue: "education"), campaign: ebook)),
            ])
    }

    @Test func loadsTopicsAndClasses() throws {
        let text = Sample.campaign.replacing("name: E-book nurture", with: "name: E-book nurture\ntopic: education")
            .replacing("    day: 1", with: "    day: 1\n    class: transactional\n    counts: false")
            .replacing("    day: 3", with: "    day: 3\n    topic: promotions\n    class: marketing")
        let result = Sample.load(["ebook/campaign.yaml": text])
        #expect(Sample.text(result.diagnostics) == "")
        let campaign = try #require(result.campaigns.values.first?.campaign)
        #expect(campaign.topic == TopicID(rawValue: "education"))
        #expect(campaign.steps.map(\.topic) == [nil, TopicID(rawValue: "promotions")])
        #expect(campaign.steps.map(\.isTransactional) == [true, false])
        #expect(campaign.steps.map(\.counts) == [false, true])
        #expect(campaign.steps.map { campaign.touch(of: $0).topic?.rawValue } == ["education", "promotions"])
    }

    /// While the policy's topics cannot be read, no campaign is blamed for naming one.
    @Test func anUnreadablePolicyBlamesNoCampaign() {
        let text = Sample.campaign.replacing("steps:", with: "topic: whatever\nsteps:")
        let result = Sample.load(["policy.yaml": nil, "ebook/campaign.yaml": text])
        #expect(result.diagnostics.map(\.file) == ["policy.yaml"])
    }

    /// A calendar that ends with last year was forgotten; one with days of every year beside them too.
    @Test(arguments: [("2026-12-25", 0), ("2026-12-26", 1), ("2027-06-01", 1)])
    func warnsOfACalendarThatIsOver(today: String, warnings: Int) throws {
        let calendars = "holidays: { indonesia: [ 2026-12-25, \"08-17\" ], yearly: [ \"12-25\" ] }\n"
        let tree = Sample.tree(["policy.yaml": Sample.policy + calendars])
        let result = CampaignLoader.load(tree, zones: Sample.zones, today: LocalDate(today))
        #expect(result.diagnostics.count == warnings && !result.policyIsBroken)
        guard warnings > 0 else { return }
        #expect(
            Sample.text(result.diagnostics)
                == "policy.yaml:13:13: warning: the last date of the calendar `indonesia`, 2026-12-25, is over. "
                + "Add the dates of \(today.prefix(4)) and the year after.")
    }

    @Test func whatAMistakeOfTheDaysSaysBlamesNoCampaign() {
        let policy = Sample.policy + "holidays: { indonesia: [ someday ] }\n"
        let text = Sample.campaign.replacing("\"08:00-17:00\" }", with: "\"08:00-17:00\", holidays: indonesia }")
        let result = Sample.load(["policy.yaml": policy, "ebook/campaign.yaml": text])
        #expect(
            result.policyIsBroken && result.brokenCampaigns.isEmpty && result.diagnostics.map(\.file) == ["policy.yaml"]
        )
    }

    /// The file of design §5 as it stands there: what is not there yet is named, and nothing else.
    @Test func namesWhatIsNotThereYet() {
        let text = """
            name: E-book nurture
            goal: demo_booked
            priority: 50
            topic: education
            time_zone: Asia/Jakarta          # for leads whose own zone is unknown
            send_window: { days: mon-fri, hours: "08:00-17:00", holidays: indonesia }
            enroll: { on: ebook_downloaded, again: never }
            exit:
              on: replied
              if: { stage: [sql, customer] }
            steps:
              - id: welcome
                phase: awareness
                day: 1
                email: welcome.md
              - id: case-study
                day: 3
                at: "09:00"
                email: case-study.md
                vary_by: industry            # case-study.fintech.md where the lead's industry is fintech
              - id: webinar
                day: 7
                at: "10:00"
                if: { not: { did: webinar_registered } }
                email: welcome.md

            """
        let told = Sample.load(["ebook/campaign.yaml": text]).diagnostics.map {
            "\($0.line):\($0.column) \($0.message)"
        }
        #expect(
            told == [
                "6:63 unknown calendar `indonesia`", "10:9 no lead has a stage, because there is no scoring.yaml",
                "24:23 unknown event `webinar_registered`",
            ])
    }

    /// YAML would make a flag, minutes since midnight and an octal number of these.
    @Test(arguments: [("no", "no"), ("09:00", "09:00"), ("012", "012"), ("~", "~"), ("1e3", "1e3"), ("'on'", "on")])
    func takesATextAsItIsWritten(written: String, read: String) {
        let text = Sample.campaign.replacing("E-book nurture", with: written)
        let result = Sample.load(["ebook/campaign.yaml": text])
        #expect(result.campaigns.values.first?.campaign.name == read, "\(Sample.text(result.diagnostics))")
    }

    @Test func anAliasStandsForItsValue() {
        let text = """
            name: E-book nurture
            steps:
              - { id: welcome, day: 1, if: &fintech { industry: fintech }, email: welcome.md }
              - { id: case-study, day: 3, if: *fintech, email: case-study.md }

            """
        let steps = Sample.load(["ebook/campaign.yaml": text]).campaigns.values.first?.campaign.steps
        #expect(
            steps?.map(\.condition) == Array(repeating: .attribute("industry", .isOneOf([.text("fintech")])), count: 2))
    }

    @Test func aBrokenCampaignStopsNoOther() {
        var changes = ["bad/campaign.yaml": "name: [", "worse/campaign.yaml": "steps: 1\n", "worse/x.md": "x"]
        changes["worse/campaign.yaml"]?.append("goal: nothing\n")
        let result = Sample.load(changes.mapValues(Optional.some))
        #expect(result.campaigns.keys.map(\.rawValue) == ["ebook"])
        #expect(result.brokenCampaigns.map(\.rawValue).sorted() == ["bad", "worse"])
        #expect(result.policy != nil)
    }

    @Test func aBrokenPolicyBlamesNoCampaign() {
        let result = Sample.load(["policy.yaml": "events: [", "ebook/campaign.yaml": Sample.campaign])
        #expect(result.policyIsBroken && result.policy == nil)
        #expect(result.brokenCampaigns.isEmpty && result.campaigns.count == 1)
        #expect(result.diagnostics.map(\.file) == ["policy.yaml"])
    }

    @Test func aBrokenMessageBreaksItsCampaignOnly() {
        let result = Sample.load([
            "ebook/welcome.id.md": "no front matter", "other/campaign.yaml": Sample.campaign,
            "other/welcome.md": Sample.message, "other/case-study.md": Sample.message,
        ])
        #expect(result.brokenCampaigns.map(\.rawValue) == ["ebook"])
        #expect(result.campaigns.keys.map(\.rawValue) == ["other"])
        #expect(result.diagnostics.map(\.file) == ["ebook/welcome.id.md"])
    }

    @Test func aBrokenLayoutIsToldOnceAndBreaksWhatUsesIt() {
        var tree = Sample.tree()
        tree.files["layouts/default.html"] = [0x3C, 0xFF]
        let result = CampaignLoader.load(tree, zones: Sample.zones)
        #expect(
            Sample.text(result.diagnostics)
                == "layouts/default.html:1:2: error: the file is not UTF-8 here. Save it again with the encoding UTF-8."
        )
        #expect(result.brokenCampaigns.count == 1)
    }

    @Test func aFileThatCouldNotBeReadIsToldOnce() {
        var tree = Sample.tree(["ebook/welcome.md": nil])
        tree.diagnostics = [
            Diagnostic(.error, file: "ebook/welcome.md", line: 0, column: 0, message: "too large", hint: "")
        ]
        let result = CampaignLoader.load(tree, zones: Sample.zones)
        #expect(Sample.text(result.diagnostics) == "ebook/welcome.md: error: too large.")
        #expect(result.brokenCampaigns.count == 1)
    }

    @Test func tellsAllMistakesOfAllFilesInOneRun() {
        let campaign = """
            nam: E-book nurture
            goal: demo_boked
            steps:
              - { id: welcome, day: 1, email: welcom.md }
              - { id: welcome, day: 0, at: 9, email: case-study.md }

            """
        let result = Sample.load([
            "policy.yaml": Sample.policy.replacing("24h", with: "24"), "ebook/campaign.yaml": campaign,
            "ebook/case-study.md": "---\nsubjet: x\n---\nHi\n", "layouts/Big.html": "",
        ])
        let told = result.diagnostics.map { "\($0.file):\($0.line):\($0.column)" }
        #expect(
            told == [
                "ebook/campaign.yaml:1:1", "ebook/campaign.yaml:1:1", "ebook/campaign.yaml:2:7",
                "ebook/campaign.yaml:4:35", "ebook/campaign.yaml:5:11", "ebook/campaign.yaml:5:25",
                "ebook/campaign.yaml:5:32", "ebook/case-study.md:2:1", "ebook/case-study.md:2:1",
                "layouts/Big.html:0:0", "policy.yaml:6:24",
            ])
    }

    @Test func checksHTTPTransportsWhereTheyAreKnown() {
        let text = Sample.campaign.replacing(
            "email: welcome.md", with: "http: { transport: cmr, message: welcome.md }")
        #expect(Sample.load(["ebook/campaign.yaml": text]).diagnostics == [])
        let result = Sample.load(["ebook/campaign.yaml": text], transports: DeclaredTransports(posts: ["crm"]))
        #expect(
            Sample.text(result.diagnostics)
                == "ebook/campaign.yaml:8:24: error: unknown HTTP transport `cmr`. Did you mean `crm`?")
    }

    /// What goes by SMS is no webhook's, and what writes to the lead tells no colleague.
    @Test(
        arguments: [
            ("sms: welcome.md", "twilio", nil),
            (
                "sms: welcome.md", "",
                "ebook/campaign.yaml:8:10: error: no transport sends SMS. Declare one under `transports:` in "
                    + "dripd.yaml, with a provider such as `twilio`."
            ),
            (
                "http: { transport: twilio, message: welcome.md }", "twilio",
                "ebook/campaign.yaml:8:24: warning: `twilio` sends SMS, and caps of the channel `sms` do not see an `http` step. "
                    + "Write `sms: FILE.md` in place of `http`; any transport that sends SMS then takes it."
            ),
            (
                "notify: { transport: twilio, message: welcome.md }", "twilio",
                "ebook/campaign.yaml:8:26: error: `twilio` writes to the lead, and `notify` tells a colleague. Name a chat or a "
                    + "webhook of yours, or write `to:` with the colleague's address."
            ),
            (
                "notify: { transport: whatsapp, message: welcome.md }", "twilio",
                "ebook/campaign.yaml:8:26: error: `whatsapp` writes to the lead, and `notify` tells a colleague. Name a chat or a "
                    + "webhook of yours, or write `to:` with the colleague's address."
            ),
            ("notify: { transport: crm, message: welcome.md }", "twilio", nil),
            ("{ sms: welcome.md, email: welcome.md }", "twilio", ""),
        ] as [(String, String, String?)])
    func judgesWhoWritesToLeads(action: String, sms: String, expected: String?) {
        let text = Sample.campaign.replacing("email: welcome.md", with: action)
        let transports = DeclaredTransports(
            posts: ["crm"], writingToLeads: ["whatsapp"], sms: sms.isEmpty ? [] : [sms])
        let result = Sample.load(["ebook/campaign.yaml": text], transports: transports)
        if expected != "" {
            #expect(Sample.text(result.diagnostics) == expected ?? "")
        } else {
            #expect(!result.diagnostics.isEmpty)
        }
    }

    @Test func theSameBytesGiveTheSameResult() {
        let changes: [String: String?] = ["ebook/x.md": "x", "ebook/campaign.yaml": "name: x\ngoul: y\nstep: 1\n"]
        let first = Sample.load(changes)
        for _ in 0..<5 { #expect(Sample.load(changes).diagnostics == first.diagnostics) }
    }
}
