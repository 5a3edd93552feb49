import DripCampaigns
import DripCore
import Foundation
import Testing

/// The examples of the marketers' manual are files that load.
@Suite struct ManualTests {
    private static let page: String = {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        return (try? String(contentsOf: root.appending(path: "docs/campaign-files.md"), encoding: .utf8)) ?? ""
    }()

    /// Every block of YAML in the manual, in its order.
    private static let examples: [String] = {
        var examples: [String] = []
        var lines: [Substring]?
        for line in page.split(separator: "\n", omittingEmptySubsequences: false) {
            if line == "```yaml" {
                lines = []
            } else if line == "```", let example = lines {
                examples.append(example.joined(separator: "\n") + "\n")
                lines = nil
            } else {
                lines?.append(line)
            }
        }
        return examples
    }()

    private static let events = [
        "webinar_registered", "purchased", "webinar_attended", "cart_abandoned",
    ].map { "  \($0): It happened" }.joined(separator: "\n")

    /// A folder in which an example stands where it belongs.
    private func folder(around example: String) -> [String: String] {
        let policy =
            Sample.policy.replacing("events:", with: "events:\n\(Self.events)")
            + "holidays: { indonesia: [ 2030-12-25 ] }\n"
        var files = [
            "policy.yaml": policy, "onboarding/campaign.yaml": "name: O\nsteps: [ { id: a, day: 1, email: a.md } ]\n",
            "onboarding/a.md": Sample.message, "ebook-nurture/campaign.yaml": Sample.campaign,
        ]
        for name in ["welcome", "case-study"] { files["ebook-nurture/\(name).md"] = Sample.message }
        for name in ["follow-up", "trial-reminder", "case-study", "reminder"] {
            files["ebook/\(name).md"] = Sample.message
        }
        if example.hasPrefix("name:") {
            files["ebook/campaign.yaml"] = example
        } else if example.hasPrefix("title:") {
            files["forms/ebook.yaml"] = example
            files["confirm-address/campaign.yaml"] = "name: C\nsteps: [ { id: a, day: 1, email: a.md } ]\n"
            files["confirm-address/a.md"] = Sample.message
        } else if example.hasPrefix("fit:") {
            files["scoring.yaml"] = example
        } else if example.hasPrefix("- id:") {
            // What stands in the list of steps; a date's step stands last.
            files["ebook/campaign.yaml"] =
                "name: E\nsteps:\n"
                + example.split(separator: "\n", omittingEmptySubsequences: false).map { "  \($0)\n" }.joined()
        } else if example.hasPrefix("if:") {
            files["ebook/campaign.yaml"] =
                "name: E\nsteps:\n  - id: welcome\n    day: 1\n    email: welcome.md\n    \(example)"
        } else if ["enroll:", "goal:"].contains(where: example.hasPrefix) {
            let step = "steps:\n  - { id: demo-thanks, day: 1, email: welcome.md }\n"
            files["ebook/campaign.yaml"] = "name: E\n\(example)\(step)"
        } else {
            let base = Sample.policy.replacing("caps:\n  - { at_most: 1, per: 24h }\n", with: "")
            files["policy.yaml"] = base.replacing("events:", with: "events:\n\(Self.events)") + example
        }
        return files
    }

    @Test func theExamplesLoad() {
        #expect(Self.examples.count >= 8)
        for example in Self.examples {
            let result = Sample.load(folder(around: example).mapValues { $0 })
            #expect(!result.hasErrors, "\(example)\n\(Sample.text(result.diagnostics))")
        }
    }
}
