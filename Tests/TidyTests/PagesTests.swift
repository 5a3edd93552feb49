import Foundation
import Testing

/// What the pages say is what the files say.
@Suite struct PagesTests {
    private func text(_ path: String) throws -> String {
        try #require(try Repository.files().first { $0.path == path }, "\(path) is not there").text
    }

    /// The words of an enum's cases, as they stand in its file.
    private func cases(in path: String) throws -> [String] {
        Pattern(#"^    case (\w+)$"#).matches(in: try text(path)).map(\.text)
    }

    @Test func supportExplainsEveryReason() throws {
        let page = try text("docs/support.md")
        let reasons = try cases(in: "Sources/DripCore/Model/Reason.swift")
        #expect(reasons.count >= 20)
        for reason in reasons { #expect(page.contains("| `\(reason)` |"), "docs/support.md has no row for \(reason)") }
    }

    @Test func readmeShowsEveryGateInItsOrder() throws {
        let gates = try cases(in: "Sources/DripCore/Rules/Gate.swift")
        let shown = Pattern(#"^   (\w+) ─"#).matches(in: try text("README.md")).map(\.text)
        #expect(gates == shown)
    }

    @Test func readmeShowsTheSampleCampaignAsItIs() throws {
        #expect(try text("README.md").contains(try text("campaigns/ebook-nurture/campaign.yaml")))
    }

    @Test func everyRunUsesTheTestCommandOfTheReadme() throws {
        #expect(try text("README.md").contains("```\nscripts/test\n```"))
        #expect(try text(".ci/run").contains("\nscripts/test\n"))
    }

    @Test func everyStatusKeyIsExplained() throws {
        let page = try text("docs/operations.md")
        let report = try text("Sources/DripCore/Control/StatusReport.swift")
        for key in Set(Pattern(#"^ +package var (\w+):"#).matches(in: report).map(\.text)) {
            let words = Pattern("[A-Z]?[a-z]+").matches(in: key).map { $0.text.lowercased() }
            let written = words.joined(separator: "_")
            // `lead`, `step` and the like inside lists speak for themselves.
            guard !["campaign", "step", "lead", "attempt", "marked_at", "today", "total"].contains(written) else {
                continue
            }
            #expect(page.contains("`\(written)`") || page.contains("`\(written)[]`"), "docs/operations.md: \(written)")
        }
    }

    @Test func everyLinkLeadsSomewhere() throws {
        let files = try Repository.files()
        let paths = files.map(\.path)
        for page in files where page.path.hasSuffix(".md") && !page.path.hasPrefix("campaigns/") {
            let folder = page.path.split(separator: "/").dropLast().map { $0 + "/" }.joined()
            let links = Pattern(#"\]\(([^)#]+)[^)]*\)"#).matches(in: page.text)
            // Where a template's link leads, only a lead's values say.
            for link in links where !link.text.contains(":") && !link.text.hasPrefix("{{") {
                let target = folder + link.text
                #expect(
                    paths.contains(target) || paths.contains { $0.hasPrefix(target + "/") },
                    "\(page.path):\(link.line): \(link.text)")
            }
        }
    }
}
