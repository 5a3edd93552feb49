import DripCampaigns
import DripCore
import Foundation
import Testing

/// The sample spoiled in one way, and every word that must be said of it.
///
/// In `Fixtures/*.txt` a case is its title behind `==`, then each file that differs from the sample behind `--`, then
/// behind `=>` all diagnostics, whole and in their order. `⟨2028⟩` stands for a character that nobody would see.
struct Broken: Sendable, CustomTestStringConvertible {
    var title: String
    var changes: [String: String?] = [:]
    var says = ""

    var testDescription: String { title }

    static func cases(of file: String) throws -> [Broken] {
        let url = try #require(Bundle.module.url(forResource: "Fixtures/\(file)", withExtension: "txt"))
        var cases: [Broken] = []
        var path: String?
        for line in try String(contentsOf: url, encoding: .utf8).split(
            separator: "\n", omittingEmptySubsequences: false)
        {
            if line.hasPrefix("== ") {
                cases.append(Broken(title: String(line.dropFirst(3))))
            } else if line.hasPrefix("-- ") {
                let isGone = line.hasSuffix(" (taken away)")
                let name = String(isGone ? line.dropFirst(3).dropLast(13) : line.dropFirst(3))
                cases[cases.count - 1].changes.updateValue(isGone ? nil : "", forKey: name)
                path = name
            } else if line == "=>" {
                path = nil
            } else if let path, let text = cases.last?.changes[path] ?? nil {
                cases[cases.count - 1].changes.updateValue(text + visible(line) + "\n", forKey: path)
            } else if path == nil, !line.isEmpty {
                cases[cases.count - 1].says += (cases[cases.count - 1].says.isEmpty ? "" : "\n") + visible(line)
            }
        }
        return cases
    }

    private static func visible(_ line: Substring) -> String {
        String(line).replacing(/⟨([0-9A-F]{4})⟩/) { match in
            UInt32(match.1, radix: 16).flatMap(Unicode.Scalar.init).map { String(Character($0)) } ?? ""
        }
    }
}

@Suite struct BrokenFilesTests {
    @Test(arguments: try ["broken-campaigns", "broken-yaml", "broken-folders"].flatMap(Broken.cases))
    func saysExactly(broken: Broken) {
        let result = Sample.load(broken.changes)
        #expect(Sample.text(result.diagnostics) == broken.says)
        let hasErrors = result.diagnostics.contains { $0.severity == .error }
        #expect(hasErrors == (result.policyIsBroken || !result.brokenCampaigns.isEmpty))
    }

    @Test(arguments: try Broken.cases(of: "broken-scoring"))
    func saysExactlyOfTheScoring(broken: Broken) {
        let result = Sample.load(broken.changes)
        #expect(Sample.text(result.diagnostics) == broken.says)
        #expect(result.hasErrors && !result.policyIsBroken)
        #expect(result.scoringIsBroken != result.diagnostics.contains { $0.file.hasPrefix("ebook") })
    }

    @Test(arguments: try Broken.cases(of: "broken-configurations"))
    func saysExactlyOfTheConfiguration(broken: Broken) throws {
        let text = try #require(broken.changes["/etc/dripd/dripd.yaml"] ?? nil)
        let files = broken.changes.compactMapValues { $0.map { Array($0.utf8) } }
        let (configuration, diagnostics) = ConfigurationLoader.load(
            Array(text.utf8), path: "/etc/dripd/dripd.yaml", readFile: { files[$0] })
        #expect(Sample.text(diagnostics) == broken.says)
        #expect((configuration == nil) == diagnostics.contains { $0.severity == .error })
    }
}
