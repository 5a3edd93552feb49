import DripCore
import Testing

@Suite struct ZoneTableTests {
    @Test(arguments: [
        ("Asia/Tokyo", "Asia/Jakarta", "Europe/Berlin", "Asia/Tokyo"),
        ("Asia/Tokio", "Asia/Jakarta", "Europe/Berlin", "Asia/Jakarta"),
        (nil, "asia/jakarta", "Europe/Berlin", "Europe/Berlin"),
        (nil, nil, "Europe/Berlin", "Europe/Berlin"),
        (nil, nil, "", "UTC"),
    ])
    func takesTheFirstKnownZone(lead: String?, campaign: String?, policy: String, expected: String) throws {
        let table = try SystemZones.table.get()
        #expect(table.resolve(lead: lead, campaign: campaign, policy: policy).name == expected)
    }

    @Test func listsNamesInOrder() throws {
        let zones = [try SystemZones.zone("Europe/Berlin"), .utc, try SystemZones.zone("Asia/Jakarta")]
        let table = ZoneTable(version: "2026f", zones: zones + [.utc])
        #expect(table.names == ["Asia/Jakarta", "Europe/Berlin", "UTC"])
        #expect(table.version == "2026f")
        #expect(table["UTC"] == .utc)
        #expect(table["utc"] == nil)
        #expect(ZoneTable(version: "", zones: []).resolve(lead: "UTC", campaign: nil, policy: "UTC") == .utc)
    }
}
