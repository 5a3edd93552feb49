import DripCampaigns
import DripCore
import DripEngine
import DripMessages
import Foundation

/// A campaigns folder in memory: a 4 KB message with ten variables, caps, a window.
enum Folder {
    static let campaign = CampaignID(rawValue: "bench")

    static let files: [String: String] = [
        "policy.yaml": """
        sender: { name: Bench, address: bench@example.com }
        postal_address: PT Bench, Jalan Melati 1, Jakarta 10110
        unsubscribe_address: stop@example.com
        time_zone: Asia/Jakarta
        caps: [{ at_most: 5, per: 24h }, { at_most: 20, per: 7d }]
        min_gap: 0s
        """,
        "layouts/default.html": """
        <!doctype html><html><head><title>{{ message.subject }}</title></head><body style="margin:0;padding:24px">
        <div style="display:none">{{ message.preheader }}</div>{{ content }}
        <p>{{ sender.postal_address }} <a href="{{ links.unsubscribe }}">Unsubscribe</a></p></body></html>
        """,
        "bench/campaign.yaml": """
        name: Bench
        send_window: { days: mon-sun, hours: "00:00-24:00" }
        steps:
          - { id: one, after: 0s, email: m.md }
          - { id: two, after: 1s, email: m.md }
          - { id: three, after: 2s, email: m.md }
        """,
        "bench/m.md": """
        ---
        subject: "{{ lead.first_name | default: \\"Hello\\" }}, a word about {{ lead.company | default: \\"you\\" }}"
        preheader: Three ideas that you can try before lunch.
        ---
        Hello {{ lead.first_name | default: "there" }},

        \(paragraphs)

        [See it work](https://example.com/demo) or write to {{ sender.name }}.
        """,
    ]

    private static let paragraphs = (1...5).map { number in
        """
        ## {{ lead.company | default: "Your company" }} and idea \(number)

        People in {{ lead.industry | default: "your field" }} answer while the question is still warm. An hour later \
        they sit in the next meeting, and tomorrow they have forgotten why they asked. A short and honest answer today \
        is worth more than a perfect one next week.
        """
    }.joined(separator: "\n\n")

    static func programme() throws -> ProgrammeUpdate {
        let jakarta = try Zone(
            name: "Asia/Jakarta",
            tzif: Array(try Data(contentsOf: URL(filePath: "/usr/share/zoneinfo/Asia/Jakarta"))))
        let loader = ProgrammeLoader(
            zones: ZoneTable(version: "bench", zones: [jakarta]), transports: DeclaredTransports())
        let update = loader.load(
            disk: FileTree(files: files.mapValues { Array($0.utf8) }), applied: [:], running: [:])
        for diagnostic in update.report.diagnostics {
            FileHandle.standardError.write(Data("\(diagnostic)\n".utf8))
        }
        return update
    }

    static func lead(_ number: Int) throws -> Lead {
        Lead(
            id: LeadID(rawValue: Int64(number)), key: "lead\(number)",
            address: try EmailAddress("lead\(number)@example.com"),
            zoneName: "Asia/Jakarta", locale: "id",
            attributes: [
                "first_name": .text("Budi"), "company": .text("Toko Maju & Sons"), "industry": .text("retail"),
            ])
    }
}
