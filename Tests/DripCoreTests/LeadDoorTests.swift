import DripCore
import Testing

@Suite struct LeadDoorTests {
    private func admit(_ columns: [String], _ cells: [String]) throws -> LeadDoor.Verdict {
        try LeadDoor(columns: columns).admit(cells) { $0 == "Asia/Jakarta" }
    }

    @Test func aGoodRowBecomesADraft() throws {
        let verdict = try admit(
            ["E-Mail", "External ID", "time_zone", "locale", "First Name"],
            [" Budi@Example.com ", "crm-7", "Asia/Jakarta", "id_ID", "Budi"])
        let draft = LeadDraft(
            key: "crm-7", address: try EmailAddress("Budi@Example.com"), zoneName: "Asia/Jakarta", locale: "id-id",
            attributes: ["first_name": .text("Budi")])
        #expect(verdict == .admitted(draft, warnings: []))
    }

    @Test(arguments: [
        ("2026-12-01", true), ("2026-12-01T09:00:00Z", true), (" ", true), ("soon", false), ("1.12.2026", false),
    ])
    func aFactThatMustBeADateIsWarnedOf(text: String, isFine: Bool) {
        let lead = LeadDraft(key: "k", address: nil, attributes: ["trial_ends_on": .text(text), "plan": .text("x")])
        let trial = CampaignID(rawValue: "trial")
        let warnings = LeadDoor.undated(lead, readers: ["trial_ends_on": [trial], "born_on": [trial]])
        #expect(
            warnings.map(\.reason)
                == (isFine
                    ? [] : ["\"\(text)\" is no date such as 2026-12-01; trial counts from it, and waits for one"]))
    }

    @Test(
        arguments: [
            ("industry", "industry"), ("First Name", "first_name"), ("company.size", "company.size"),
            ("Company.Head-Office.street_2", "company.head_office.street_2"), ("a.b.c.d", "a.b.c.d"), ("a.1", "a.1"),
            ("a.b.c.d.e", nil), (".a", nil), ("a.", nil), ("a..b", nil), (".", nil), ("", nil), ("1a", nil),
            ("_a", nil),
            ("größe", nil), ("a.ö", nil), (String(repeating: "a", count: 64), String(repeating: "a", count: 64)),
            (String(repeating: "a", count: 65), nil), ("a." + String(repeating: "b", count: 63), nil),
        ] as [(String, String?)])
    func aNameHasUpToFourPartsWithDotsBetween(column: String, name: String?) {
        #expect(LeadDoor.attributeName(of: column) == name)
    }

    /// Whoever wrote `handoff` or `accept_by` into a list would undo what sales said.
    @Test func whatDripdAloneSaysIsTakenFromNobody() {
        for name in [
            "stage", "Score", "fit", "engagement", "handoff", "handoff_to", "owner_since", "accept_by", "follow_up_by",
        ] {
            #expect(throws: LeadDoor.Complaint.self) { try LeadDoor(columns: ["key", name]) }
            let body = LeadsRequest.Body(key: "a", attributes: [name.lowercased(): .text("x")])
            guard case .refused = LeadDoor.admit(body, knownZones: { _ in true }) else {
                Issue.record("\(name) was taken from a program")
                return
            }
        }
        #expect(throws: Never.self) { try LeadDoor(columns: ["key", "owner"]) }
    }

    @Test func aListMayBeWideAndNotWider() {
        func columns(_ count: Int) -> [String] { ["key"] + (1..<count).map { "c\($0)" } }
        #expect(throws: Never.self) { try LeadDoor(columns: columns(1_000)) }
        #expect(throws: LeadDoor.Complaint.self) { try LeadDoor(columns: columns(1_001)) }
    }

    /// As a mapping calls those that are to be left out: whatever stands in them harms no row.
    @Test func aColumnThatIsLeftOutSaysNothing() throws {
        let door = try LeadDoor(columns: ["-", "email", "-"])
        let draft = LeadDraft(key: "a@example.com", address: try EmailAddress("a@example.com"))
        let cells = ["x\u{0}", "a@example.com", String(repeating: "x", count: 2_000)]
        #expect(door.admit(cells, unreadable: [0]) { _ in true } == .admitted(draft, warnings: []))
        #expect(throws: LeadDoor.Complaint.self) { _ = try LeadDoor(columns: ["-", "name"]) }
    }

    /// Only the column of that name is a list.
    @Test func aColumnOfTagsIsSplit() throws {
        let verdict = try admit(["email", "Tags", "notes"], ["a@example.com", "vip; Gold;;VIP ;early bird", "a;b"])
        let tags = try ValueList(["vip", "Gold", "early bird"].map(AttributeValue.text))
        let draft = LeadDraft(
            key: "a@example.com", address: try EmailAddress("a@example.com"),
            attributes: ["tags": .list(tags), "notes": .text("a;b")])
        #expect(verdict == .admitted(draft, warnings: []))
        let many = (0..<101).map { "t\($0)" }.joined(separator: ";")
        for (cell, reason) in [
            (many, "a list holds at most 100 values, and this one has 101"),
            (
                String(repeating: "a", count: 257),
                "a value of a list holds at most 256 bytes, and one that begins with "
                    + "\"\(String(repeating: "a", count: 32))\" is longer"
            ),
        ] {
            guard case .refused(let complaints) = try admit(["email", "tags"], ["a@example.com", cell]) else {
                Issue.record("it was taken")
                continue
            }
            #expect(complaints.map(\.column) == ["tags"] && complaints.map(\.reason) == [reason])
        }
    }

    @Test func aLeadThatStandsTwiceIsWarnedOf() {
        var keys = RepeatedKeys()
        #expect(keys.take("a", line: 2) == nil && keys.take("b", line: 3) == nil)
        #expect(keys.take("a", line: 4)?.reason == "\"a\" stands on line 2 too; what this row says holds")
        #expect(keys.take("a", line: 9)?.reason.contains("line 4") == true)
        // Another piece of the list tells of what stands in front of it alone.
        #expect(keys.take("a", line: 12, inFrontOf: 9) == nil && keys.take("b", line: 13, inFrontOf: 9) != nil)
    }

    @Test func withoutAKeyTheNormalisedAddressIsIt() throws {
        guard case .admitted(let draft, _) = try admit(["email"], ["Budi@Example.com"]) else {
            Issue.record("refused")
            return
        }
        #expect(draft.key == "budi@example.com")
    }

    @Test func anUnknownZoneOrLocaleIsAWarningAndNoLossOfALead() throws {
        guard
            case .admitted(let draft, let warnings) = try admit(
                ["email", "time_zone", "locale"], ["a@b.co", "Jakarta", "Bahasa Indonesia!"])
        else {
            Issue.record("refused")
            return
        }
        #expect(draft.zoneName == nil && draft.locale == nil)
        #expect(warnings.map(\.column) == ["time_zone", "locale"])
    }

    @Test(arguments: [
        (["email", "name"], ["a@b.co", "Eve\r\nBcc: x@y.z"], "name", "CR"),
        (["email", "name"], ["a@b.co", "Eve\nx"], "name", "LF"),
        (["email", "name"], ["a@b.co", "Eve\u{0}"], "name", "NUL"),
        (["email", "name"], ["a@b.co", "Eve\u{2028}x"], "name", "U+2028"),
        (["email", "name"], ["a@b.co", "Eve\u{85}x"], "name", "U+0085"),
        (["email"], ["\"a\r\nRCPT TO:<x@y>\"@example.com"], "email", "CR"),
        (["email"], ["nobody"], "email", "no @"),
        (["email", "name"], ["", "x"], "email", "empty"),
        (["email"], ["a@b.co", "more"], "", "2 cells"),
        (["email", "name"], ["a@b.co", String(repeating: "x", count: 1_001)], "name", "longer than"),
    ])
    func refusesTheRowNamingTheColumn(columns: [String], cells: [String], column: String, reason: String) throws {
        guard case .refused(let complaints) = try admit(columns, cells) else {
            Issue.record("admitted")
            return
        }
        #expect(complaints.first?.column == column)
        #expect(complaints.first?.reason.contains(reason) == true, "\(complaints)")
    }

    @Test func aCellThatIsNoTextRefusesItsRow() throws {
        let verdict = try LeadDoor(columns: ["email", "name"]).admit(["a@b.co", "?"], unreadable: [1]) { _ in true }
        guard case .refused(let complaints) = verdict else {
            Issue.record("admitted")
            return
        }
        #expect(complaints.map(\.column) == ["name"] && complaints[0].reason.contains("UTF-8"))
    }

    @Test(arguments: [
        ["email", "email"], ["email", "e-mail"], ["email", "id", "external_id"], ["email", "2nd"], ["email", "a;b"],
        ["name"], ["email", ""],
    ])
    func refusesAHeaderThatNoRowCouldHelp(columns: [String]) {
        #expect(throws: LeadDoor.Complaint.self) { try LeadDoor(columns: columns) }
    }
}
