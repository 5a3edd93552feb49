import DripCampaigns
import DripCore
import DripEngine
import DripStore
import Foundation
import Testing

/// What the manuals of other products promise, written as our campaign files, with its calendar.
///
/// Each folder of `Recipes/` is one promise: `policy.yaml` and campaigns as a marketer would write them, and a `story.txt`
/// whose calendar was worked out by hand from that manual's words. `docs/coming-from.md` points to them. What is `ours-…` is a
/// promise of our own manual.
@Suite struct RecipesTests {
    private static let here = URL(filePath: #filePath).deletingLastPathComponent()

    static let names: [String] = {
        let found = try? FileManager.default.contentsOfDirectory(atPath: here.appending(path: "Recipes").path)
        return (found ?? []).filter { !$0.hasPrefix(".") }.sorted()
    }()

    /// The files of a recipe, and by name the editions that its story may put in their place.
    private struct Recipe {
        var files = ["layouts/default.html": Folder.layout]
        var editions: [String: [String: String]] = [:]
        var story = ""

        init(_ name: String) throws {
            let folder = RecipesTests.here.appending(path: "Recipes/\(name)")
            for path in try FileManager.default.subpathsOfDirectory(atPath: folder.path) {
                guard ["yaml", "md", "txt"].contains(folder.appending(path: path).pathExtension) else { continue }
                let text = try String(contentsOf: folder.appending(path: path), encoding: .utf8)
                let parts = path.split(separator: "/", maxSplits: 1).map(String.init)
                if path == "story.txt" {
                    story = text
                } else if parts.count == 2, parts[0].hasPrefix("edit-") {
                    editions[String(parts[0].dropFirst("edit-".count)), default: [:]][parts[1]] = text
                } else {
                    files[path] = text
                }
            }
        }
    }

    @Test(arguments: names) func doesWhatTheManualSays(_ name: String) throws {
        let recipe = try Recipe(name)
        let story = try Story(recipe.story)
        let update = try World.loader().load(
            disk: FileTree(files: recipe.files.mapValues { Array($0.utf8) }), applied: [:], running: [:])
        #expect(update.report.diagnostics == [], "the files of \(name) have mistakes")
        let policy = try #require(update.programme?.policy)
        let first = try #require(story.deeds.first)
        let start = try #require(Instant("\(first.date)T00:00:00Z"))

        // A day before the story, since its first line may be of a zone that is ahead of UTC.
        let player = try StoryPlayer(
            files: recipe.files, editions: recipe.editions, policyZone: policy.zoneName, from: start - .days(1))
        try player.play(story)
        let calendar = try player.calendar()
        #expect(calendar == story.calendar, "\(name):\n\(Self.difference(from: story.calendar, to: calendar))")
        #expect(story.calendar.count >= 3, "a calendar of nothing proves nothing")
        #expect(try player.world.audit() == [])
        let stillOpen = try player.world.status().campaigns.map(\.active).reduce(0, +)
        #expect(stillOpen == 0, "the story ends before its campaigns do")
    }

    /// Every line of both, `-` before what was expected and did not come, `+` before what came instead.
    private static func difference(from expected: [String], to actual: [String]) -> String {
        let changes = actual.difference(from: expected)
        let missing = Set(changes.removals.map { Self.offset($0) })
        let surplus = Set(changes.insertions.map { Self.offset($0) })
        var (lines, next): ([String], Int) = ([], 0)
        for (index, line) in expected.enumerated() {
            if missing.contains(index) {
                lines.append("- " + line)
                continue
            }
            while surplus.contains(next) {
                lines.append("+ " + actual[next])
                next += 1
            }
            lines.append("  " + line)
            next += 1
        }
        return (lines + actual[next...].map { "+ " + $0 }).joined(separator: "\n")
    }

    private static func offset(_ change: CollectionDifference<String>.Change) -> Int {
        switch change {
        case .insert(let offset, _, _), .remove(let offset, _, _): offset
        }
    }

    /// The page for those who come from there points to each, and to nothing that is not there.
    @Test func thePageNamesEveryRecipe() throws {
        let root = Self.here.deletingLastPathComponent().deletingLastPathComponent()
        let page = try String(contentsOf: root.appending(path: "docs/coming-from.md"), encoding: .utf8)
        let named = page.matches(of: /recipe `([^`]+)`/).map { String($0.1) }
        #expect(Set(named).sorted() == Self.names.filter { !$0.hasPrefix("ours-") })
    }
}
