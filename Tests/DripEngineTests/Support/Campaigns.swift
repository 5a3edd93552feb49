/// Campaign folders for tests, as marketers would write them.
enum Folder {
    static let layout = """
        <html><body>{{ content }}<p>{{ sender.postal_address }} <a href="{{ links.unsubscribe }}">no more</a></p></body></html>
        """

    static func policy(_ more: String = "") -> String {
        """
        sender: { name: Rumpun, address: halo@rumpun.example }
        postal_address: PT Rumpun, Jalan Melati 1, Jakarta
        unsubscribe_address: berhenti@rumpun.example
        time_zone: Asia/Jakarta
        events:
          ebook_downloaded: They asked for the e-book.
          demo_booked: They booked a demo.
        \(more)
        """
    }

    static func message(_ body: String = "Hello.") -> String { "---\nsubject: Hello\n---\n\(body)\n" }

    /// One campaign `c` whose steps are given as YAML lines, each sending `m.md`.
    static func with(
        steps: [String], head: String = "", policy more: String = "", body: String = "Hello."
    ) -> [String: String] {
        [
            "policy.yaml": policy(more), "layouts/default.html": layout, "c/m.md": message(body),
            "c/campaign.yaml": "name: C\n\(head)\nsteps:\n"
                + steps.map { "  - { \($0) }\n" }.joined(),
        ]
    }

    /// The e-book nurture of the design.
    static let nurture = with(
        steps: [
            "id: welcome, day: 1, email: m.md", "id: case-study, day: 3, at: \"09:00\", email: m.md",
            "id: webinar, day: 7, at: \"10:00\", email: m.md", "id: demo-offer, day: 10, at: \"09:00\", email: m.md",
        ],
        head: """
            goal: demo_booked
            time_zone: Asia/Jakarta
            send_window: { days: mon-fri, hours: "08:00-17:00" }
            enroll: { on: ebook_downloaded }
            exit: { on: replied }
            """)
}
