import DripCampaigns
import DripCore

/// A small campaigns folder without a mistake, which tests then spoil.
enum Sample {
    static let zones: Set<String> = ["Asia/Jakarta", "Asia/Makassar", "America/New_York", "Europe/Berlin", "UTC"]

    static let policy = """
        sender: { name: Acme, address: hello@acme.example }
        postal_address: "Acme, Jl. Sudirman 1, Jakarta 10220"
        unsubscribe_address: unsubscribe@acme.example
        time_zone: Asia/Jakarta
        caps:
          - { at_most: 1, per: 24h }
        events:
          ebook_downloaded: Someone fetched the e-book
          demo_booked: Someone booked a demo
        topics:
          education: Guides and case studies
          promotions: Offers

        """

    static let campaign = """
        name: E-book nurture
        goal: demo_booked
        send_window: { days: mon-fri, hours: "08:00-17:00" }
        enroll: { on: ebook_downloaded }
        steps:
          - id: welcome
            day: 1
            email: welcome.md
          - id: case-study
            day: 3
            at: "09:00"
            email: case-study.md

        """

    static let message = """
        ---
        subject: Hello
        ---
        Hi!

        """

    static let layout = "<html><body>{{ content }}</body></html>\n"

    static let files: [String: String] = [
        "policy.yaml": policy, "layouts/default.html": layout, "ebook/campaign.yaml": campaign,
        "ebook/welcome.md": message, "ebook/case-study.md": message,
    ]

    /// The sample with some files changed, added, or (nil) taken away.
    static func tree(_ changes: [String: String?] = [:]) -> FileTree {
        var files = files
        for (path, text) in changes { files[path] = text }
        return FileTree(files: files.mapValues { Array($0.utf8) })
    }

    static func load(_ changes: [String: String?] = [:], transports: DeclaredTransports? = nil) -> LoadResult {
        CampaignLoader.load(tree(changes), zones: zones, transports: transports)
    }

    static func text(_ diagnostics: [Diagnostic]) -> String {
        diagnostics.map(\.description).joined(separator: "\n")
    }
}
