import DripCore
import Foundation
import Testing

/// `dripd report`, as somebody types it where no daemon runs.
@Suite struct ReportVerbTests {
    @Test func aReportIsPrintedAndWritten() throws {
        let installed = try Installed("report") { place in
            [
                "dripd.yaml": """
                state_directory: \(place)/state
                runtime_directory: \(place)/run
                campaigns_directory: \(place)/campaigns
                transports: { relay: { maildir: { path: \(place)/mail } } }
                """,
                "leads.csv": "email\na@example.com\nb@example.com\n",
            ]
        }
        let place = installed.place
        #expect(try installed.dripd(["import", "\(place)/leads.csv", "--campaign", "c"]).code == 0)
        let text = try installed.dripd(["report"])
        #expect(text.code == 0 && text.err.isEmpty)
        #expect(text.out.contains("leads              2  ████████████████████████\n"), "\(text.out)")
        #expect(text.out.contains("  c             2  ████████  0.0%"), "\(text.out)")
        let json = try installed.dripd(["report", "--by", "step", "--json"])
        #expect(
            json.code == 0 && json.out.contains("\"lead_to_mql\"") && json.out.contains("\"name\" : \"c/one\""),
            "\(json.out)")
        let csv = try installed.dripd(["report", "--by", "cohort", "--csv"])
        #expect(csv.code == 0 && csv.out.hasPrefix("name,campaign,") && csv.out.hasSuffix("\r\n"))
        let page = try installed.dripd(["report", "--html", "\(place)/report.html"])
        #expect(page.code == 0)
        #expect(try String(contentsOfFile: "\(place)/report.html", encoding: .utf8).contains("</html>"))
        for wrong in [
            ["--by", "colour"], ["--from", "January"], ["--from", "2027-02", "--to", "2027-01"], ["--campaign", "d"],
        ] {
            let refused = try installed.dripd(["report"] + wrong)
            #expect(refused.code != 0 && refused.out.isEmpty && !refused.err.isEmpty, "\(wrong)")
        }
        #expect(try installed.dripd(["report", "--json", "--csv"]).code != 0)
        let digest = try installed.dripd(["report", "--digest"])
        #expect(
            digest.code == 0 && digest.out.hasPrefix("Weekly digest, ") && digest.out.contains("\nLEADS\n"), "\(digest)"
        )
        #expect(try installed.dripd(["report", "--digest", "--json"]).out.contains("\"lead_to_mql\""))
        #expect(try installed.dripd(["report", "--digest", "--html", "\(place)/digest.html"]).code == 0)
        #expect(try String(contentsOfFile: "\(place)/digest.html", encoding: .utf8).contains("<h2"))
        for wrong in [["--from", "2027-01"], ["--by", "step"], ["--campaign", "c"], ["--csv"]] {
            #expect(try installed.dripd(["report", "--digest"] + wrong).code != 0, "\(wrong)")
        }
    }
}
