import DripCore
import Testing

@Suite struct LeadColumnsTests {
    private static func lead() throws -> LeadSummary {
        var lead = LeadSummary(
            Lead(
                id: LeadID(rawValue: 17), key: "crm-17", address: try EmailAddress("Budi@example.com"),
                zoneName: "Asia/Jakarta", locale: "id",
                attributes: [
                    "city": .text("Medan"), "seats": .number(50), "vip": .flag(true), "stage": .text("its own"),
                    "tags": .list(try ValueList([.text("vip"), .text("Gold, old")])),
                    "cart.items": .list(try ValueList([.text("mug"), .text("pen")])),
                ]))
        lead.stage = .mql
        (lead.score, lead.fit, lead.engagement) = (44.5, 50, -5.5)
        return lead
    }

    @Test(arguments: [
        ("key,city,score", ["crm-17", "Medan", "44.5"]),
        ("City , E-Mail,KEY", ["Medan", "Budi@example.com", "crm-17"]),
        ("time_zone,locale", ["Asia/Jakarta", "id"]), ("stage,fit,engagement", ["mql", "50", "-5.5"]),
        ("seats,vip,tags,cart.items,nothing", ["50", "true", "vip;Gold, old", "mug, pen", ""]),
    ])
    func aRowHasWhatIsAsked(written: String, cells: [String]) throws {
        #expect(try LeadColumns(written).cells(of: Self.lead()) == cells)
    }

    @Test func withoutAWordItIsWhoAndWhereTheyStand() throws {
        #expect(LeadColumns.standard.names == ["key", "email", "stage", "score"])
        let bare = LeadSummary(Lead(id: LeadID(rawValue: 1), key: "k", address: nil))
        #expect(LeadColumns.standard.cells(of: bare) == ["k", "", "", ""])
    }

    @Test(arguments: [
        (
            "key,Größe",
            "\"Größe\" is no column: write names with commas between, such as key,email,city; a name has letters, digits, _ and dots"
        ),
        (
            "",
            "\"\" is no column: write names with commas between, such as key,email,city; a name has letters, digits, _ and dots"
        ),
        ("email,city,e_mail", "the column email is named twice"),
        ((0...200).map { "c\($0)" }.joined(separator: ","), "a list has at most 200 columns"),
    ])
    func saysWhatIsWrong(written: String, says: String) {
        #expect {
            _ = try LeadColumns(written)
        } throws: {
            "\($0)" == says
        }
    }

    /// The door takes back what a list says, but for what only dripd says.
    @Test func whatComesOutGoesIn() throws {
        let columns = try LeadColumns("key,email,time_zone,locale,city,tags,seats,stage")
        var lead = try Self.lead()
        lead.attributes["city"] = .text("=SUM(\"1\"), 'x'")
        let text = CSVWriter.row(columns.names) + CSVWriter.row(columns.cells(of: lead))
        var reader = CSVReader(Array(text.utf8))
        let head = try #require(try reader.next()).cells
        let row = try #require(try reader.next()).cells
        let door = try LeadDoor(columns: try ColumnMapping(["stage=-"]).applied(to: head))
        let draft = LeadDraft(
            key: "crm-17", address: try EmailAddress("Budi@example.com"), zoneName: "Asia/Jakarta", locale: "id",
            attributes: [
                "city": .text("=SUM(\"1\"), 'x'"), "seats": .text("50"),
                "tags": .list(try ValueList([.text("vip"), .text("Gold, old")])),
            ])
        #expect(door.admit(row) { _ in true } == .admitted(draft, warnings: []))
    }
}
