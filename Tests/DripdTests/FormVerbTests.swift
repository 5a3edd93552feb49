import Foundation
import Testing

/// `dripd form` and what `dripd check` says of forms, as a person runs them.
@Suite struct FormVerbTests {
    private func installed(_ more: String = "") throws -> Installed {
        try Installed("form") { place in
            [
                "dripd.yaml": """
                state_directory: \(place)/state
                runtime_directory: \(place)/run
                campaigns_directory: \(place)/campaigns
                transports: { relay: { smtp: { host: 127.0.0.1, port: 9, tls: none } } }
                \(more)
                """,
                "key": String(repeating: "k", count: 40),
            ]
        }
    }

    private func write(_ installed: Installed) throws {
        try FileManager.default.createDirectory(
            atPath: "\(installed.place)/campaigns/forms", withIntermediateDirectories: true)
        try installed.write(
            "title: News\nconsent: { text: { en: I agree, id: Saya setuju } }\nenroll: c\n",
            to: "campaigns/forms/news.yaml")
    }

    @Test func aFormIsPrintedForAWebSite() throws {
        let installed = try installed("public_url: https://mail.example.com/x\npublic: { listen: \"127.0.0.1:9\" }")
        try write(installed)
        let place = installed.place
        let config = try String(contentsOfFile: "\(place)/dripd.yaml", encoding: .utf8)
        try installed.write(config + "\nlink_key: { file: \(place)/key }\n", to: "dripd.yaml")
        let printed = try installed.dripd(["form", "news", "--lang", "id"])
        #expect(printed.code == 0, "\(printed.err)")
        #expect(printed.out.hasPrefix("<form method=\"post\" action=\"https://mail.example.com/x/f/news\""))
        #expect(printed.out.contains("Saya setuju") && !printed.out.contains("<script"))
        let unknown = try installed.dripd(["form", "nws"])
        #expect(unknown.code == 1 && unknown.err.contains("no form \"nws\" that loads; there are: news"))
        #expect(try installed.dripd(["form", "news", "--lang", "de"]).code == 64)
        #expect(try !installed.dripd(["check"]).err.contains("nothing serves"))
    }

    @Test func withoutPagesNothingServesIt() throws {
        let installed = try installed()
        try write(installed)
        #expect(try installed.dripd(["form", "news"]).err.contains("set `public_url` and `public`"))
        let checked = try installed.dripd(["check"])
        #expect(checked.code == 0 && checked.err.contains("warning: nothing serves the forms of this folder"))
    }
}
