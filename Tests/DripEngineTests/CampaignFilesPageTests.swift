import DripCampaigns
import DripCore
import DripEngine
import DripMessages
import Foundation
import Testing

/// The examples of `docs/campaign-files.md`, run: what the page shows is what leads get.
@Suite struct CampaignFilesPageTests {
    /// A fenced block whose fence says more than its language: ` ```yaml catalogues/case-studies.yaml `.
    private struct Block {
        var title: String
        var text: String
    }

    private let page: String

    init() throws {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        page = try String(contentsOf: root.appending(path: "docs/campaign-files.md"), encoding: .utf8)
    }

    private var blocks: [Block] {
        var blocks: [Block] = []
        var open: Block?
        for line in page.split(separator: "\n", omittingEmptySubsequences: false) {
            if let block = open {
                if line == "```" {
                    blocks.append(block)
                    open = nil
                } else {
                    open?.text += line + "\n"
                }
            } else if line.hasPrefix("```"), let blank = line.firstIndex(of: " ") {
                open = Block(title: String(line[line.index(after: blank)...]), text: "")
            }
        }
        return blocks
    }

    private func text(
        of path: String, in files: [String: String], _ facts: [String: String], zone: String? = nil
    ) throws -> String {
        var disk = files
        disk["policy.yaml"] = Folder.policy()
        disk["layouts/default.html"] = Folder.layout
        let messages = files.keys.filter { $0.hasPrefix("trial/") }.sorted().map { $0.dropFirst(6) }
        disk["trial/campaign.yaml"] =
            "name: Trial\nsteps:\n"
            + messages.enumerated().map { "  - { id: s\($0), day: \($0 + 1), email: \($1) }\n" }.joined()
        let update = try World.loader().load(
            disk: FileTree(files: disk.mapValues { Array($0.utf8) }), applied: [:], running: [:])
        #expect(!update.report.diagnostics.contains { $0.severity == .error }, "\(update.report.diagnostics)")
        let entry = try #require(update.programme?.campaigns[CampaignID(rawValue: "trial")])
        let step = try #require(
            entry.campaign.steps.first { $0.id.rawValue == "s\(messages.firstIndex(of: path.dropFirst(6)) ?? 0)" })
        var attributes = facts.mapValues { AttributeValue.text($0) }
        attributes["locale"] = nil
        let lead = Lead(
            id: LeadID(rawValue: 1), key: "budi", address: nil, zoneName: zone, locale: facts["locale"],
            attributes: attributes)
        let compiled = entry.compiled(step, for: lead)
        let message = try #require(compiled.message)
        let body = try message.renderBody(
            compiled.context(lead: lead, campaign: entry.campaign, step: step.id))
        return String(decoding: body, as: UTF8.self)
    }

    @Test func theMessagesOfThePageAreWhatLeadsGet() throws {
        let blocks = blocks
        let examples = blocks.filter { $0.title.contains(" with ") }
        let files = Dictionary(
            uniqueKeysWithValues: blocks.filter { !$0.title.contains(" with ") }.map { ($0.title, $0.text) })
        #expect(examples.count >= 3 && files.count >= 5)
        for example in examples {
            let parts = example.title.split(separator: " with ")
            let facts = parts[1].split(separator: " ").map { $0.split(separator: "=").map(String.init) }
            let shown = try text(
                of: String(parts[0]), in: files, Dictionary(uniqueKeysWithValues: facts.map { ($0[0], $0[1]) }))
            #expect(shown + "\n" == example.text, "\(example.title)")
        }
    }

    @Test func theTableOfDatesAndNumbersIsTrue() throws {
        let rows = page.split(separator: "\n").filter { $0.hasPrefix("| `{{ lead.") }.map { row in
            row.replacing("\\|", with: "\u{1}").split(separator: "|").map {
                $0.replacing("\u{1}", with: "|").trimmingCharacters(in: .whitespaces)
            }
        }
        #expect(rows.count >= 11)
        let facts = [
            "trial_ends_on": "2026-12-01", "starts_at": "2026-12-01T09:00:00Z", "employees": "1250",
            "price": "1250000",
        ]
        for row in rows {
            #expect(row.count == 3)
            let template = row[0].trimmingCharacters(in: CharacterSet(charactersIn: "`"))
            for (locale, expected) in [("id", row[1]), ("en", row[2])] {
                let shown = try text(
                    of: "trial/m.md", in: ["trial/m.md": Folder.message(template)],
                    facts.merging(["locale": locale]) { first, _ in first }, zone: "Asia/Jakarta")
                #expect(shown == expected, "\(template) in \(locale)")
            }
        }
    }
}
