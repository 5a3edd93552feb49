import DripCampaigns
import DripCore
import DripStore
import Foundation

/// What happens to a few leads, and what they get: the `story.txt` of a recipe.
///
/// A line that begins with a date is done to the engine; one that begins with a weekday is what must come of it, and
/// nothing else may. All times are those of the lead's own clock, lines without a lead are in UTC, `#` begins a remark.
/// Lines are done in the order of their instants, and each before what is due at its very instant.
///
/// ```
/// 2027-03-01 09:30 lead ana zone=Europe/Berlin plan=pro   a lead comes in
/// 2027-03-01 09:30 ana enters nurture
/// Mon 2027-03-01 09:30 ana enters
/// Mon 2027-03-01 09:30 ana sends welcome
/// 2027-03-03 12:00 ana does pricing_viewed plan=pro       an event; `step=nurture/welcome` says what it was about
/// 2027-03-03 13:00 ana has plan=pro                       new facts
/// 2027-03-03 14:00 ana tags +vip -cold
/// Thu 2027-03-04 00:00 ana moves lead → mql: score at_least 60
/// 2027-03-04 08:00 edit second                            the files of the folder `second` take the place of others
/// 2027-03-04 09:00 ana rests until 2027-03-10 09:00
/// 2027-03-31 00:00 end
/// ```
struct Story {
    struct Broken: Error, CustomStringConvertible {
        let description: String
    }

    /// What is done, in order.
    struct Deed {
        var date: String
        var time: String
        var words: [String]
        var number: Int
    }

    let deeds: [Deed]
    /// What must come of it, in order, one blank between words.
    let calendar: [String]

    init(_ text: String) throws(Broken) {
        var (deeds, calendar): ([Deed], [String]) = ([], [])
        for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
            let words = line.prefix { $0 != "#" }.split(separator: " ").map(String.init)
            guard let first = words.first else { continue }
            if first.first?.isNumber != true {
                calendar.append(words.joined(separator: " "))
            } else if words.count >= 3 {
                deeds.append(Deed(date: words[0], time: words[1], words: Array(words[2...]), number: index + 1))
            } else {
                throw Broken(description: "line \(index + 1): what happens?")
            }
        }
        self.deeds = deeds
        self.calendar = calendar
    }
}

/// The real engine with a story's leads in it.
final class StoryPlayer {
    let world: World
    private let editions: [String: [String: String]]
    private let zones: ZoneTable
    private let campaigns: Set<String>
    private let fallback: String
    /// Where the leads live, in the order in which the story names them.
    private var leads: [(name: String, zone: Zone)] = []

    /// `editions` are folders whose files take the place of others when the story says so.
    init(files: [String: String], editions: [String: [String: String]], policyZone: String, from start: Instant) throws
    {
        world = try World(files: files, now: start)
        self.editions = editions
        zones = try World.zones()
        fallback = policyZone
        campaigns = Set(files.keys.filter { $0.hasSuffix("/campaign.yaml") })
    }

    func play(_ story: Story) throws {
        for deed in story.deeds where deed.words[0] == "lead" { try introduce(deed) }
        let deeds = try story.deeds.map { (at: try instant($0), deed: $0) }
        // Swift's sort keeps the order of what is equal.
        for (at, deed) in deeds.sorted(by: { $0.at < $1.at }) {
            // Before what is due at that instant.
            world.run(until: at - .milliseconds(1))
            world.sleep(until: at)
            do { try play(deed) } catch { throw Story.Broken(description: "line \(deed.number): \(error)") }
            world.settle()
            world.run(until: at)
        }
    }

    /// Notes where a lead lives: all of its lines are on that clock.
    private func introduce(_ deed: Story.Deed) throws {
        guard deed.words.count > 1 else { throw Story.Broken(description: "line \(deed.number): which lead?") }
        let zone = try pairs(deed.words.dropFirst(2)).first { $0.name == "zone" }?.value
        leads.append((deed.words[1], zones.resolve(lead: zone, campaign: nil, policy: fallback)))
    }

    private func play(_ deed: Story.Deed) throws {
        let words = deed.words
        switch (words[0], words.count > 1 ? words[1] : "") {
        case ("end", _): break
        case ("edit", let name):
            for (path, text) in try editions[name].orBroken("no folder \(name)") { world.files[path] = text }
            let report = try world.reload()
            guard report.diagnostics.isEmpty, report.held.isEmpty else { throw Story.Broken(description: "\(report)") }
        case ("lead", let name):
            try tell(name, pairs(words.dropFirst(2)).map { ($0.name == "zone" ? "time_zone" : $0.name, $0.value) })
        case (let name, "has"): try tell(name, pairs(words.dropFirst(2)).map { ($0.name, $0.value) })
        case (let name, "enters"):
            _ = try world.command(.enroll(lead: name, campaign: CampaignID(rawValue: try words.third())))
        case (let name, "does"):
            var facts = try pairs(words.dropFirst(3))
            let about = facts.first { $0.name == "step" }?.value.split(separator: "/").map(String.init)
            facts.removeAll { $0.name == "step" }
            let data = Dictionary(facts.map { ($0.name, AttributeValue.text($0.value)) }, uniquingKeysWith: { $1 })
            _ = try world.command(
                .event(
                    lead: name, name: EventName(rawValue: try words.third()), data: data,
                    step: about.map { .init(CampaignID(rawValue: $0[0]), StepID(rawValue: $0[1])) }))
        case (let name, "tags"):
            func list(_ sign: Character) throws -> ValueList {
                try ValueList(words.dropFirst(2).filter { $0.first == sign }.map { .text(String($0.dropFirst())) })
            }
            _ = try world.command(.tag(TagRequest(lead: name, add: try list("+"), remove: try list("-"))))
        case (let name, "rests"):
            let until = WrittenInstant(words.suffix(2).joined(separator: " "))
            _ = try world.command(.pause(.lead(name), until: until, note: "asked for a rest"))
        default: throw Story.Broken(description: "nobody knows how to do \"\(words.joined(separator: " "))\"")
        }
    }

    /// What came of it, in the words of a story.
    func calendar() throws -> [String] {
        var lines: [(at: Instant, text: String)] = []
        for (name, zone) in leads {
            let entries = try world.failing.read { reader in
                try reader.lead(key: name).map { try reader.timeline(of: $0.id, limit: 10_000) } ?? []
            }
            for entry in entries.reversed() {
                guard let words = words(of: entry, in: zone) else { continue }
                lines.append((entry.at, "\(Self.clock(entry.at, in: zone)) \(name) \(words)"))
            }
        }
        // Swift's sort keeps the order of what is equal, which is the journal's own within a lead.
        return lines.sorted { $0.at < $1.at }.map(\.text)
    }

    private func words(of entry: JournalEntry, in zone: Zone) -> String? {
        let campaign = campaigns.count > 1 ? entry.campaign?.rawValue : nil
        let step = [campaign, entry.step?.rawValue].compactMap { $0 }.joined(separator: "/")
        let place = campaign.map { " \($0)" } ?? ""
        let why = entry.reason.map { " (\($0.rawValue))" } ?? ""
        switch entry.kind {
        case .enrolled: return "enters\(place)"
        case .accepted: return "sends \(step)"
        case .deferred:
            let until = entry.plannedAt.map { $0 < .distantFuture ? Self.clock($0, in: zone) : "nobody knows" } ?? ""
            return "defers \(step) until \(until)\(why)"
        case .skipped: return "skips \(step)\(why)"
        case .performed: return "performs \(step): \(entry.detail)"
        case .jumped: return "jumps from \(step) \(entry.detail)"
        case .exited: return "exits\(place)\(why)"
        case .completed: return "completes\(place)"
        case .stageMoved: return "moves \(entry.detail)"
        // What the story itself did.
        case .imported, .event, .paused, .resumed, .tagged: return nil
        default: return "\(entry.kind.name) \(step)\(why)"
        }
    }

    /// `Mon 2027-03-01 09:30`, with the seconds where there are any.
    static func clock(_ instant: Instant, in zone: Zone) -> String {
        let local = zone.local(at: instant)
        let time = local.time.secondOfDay % 60 == 0 ? "\(local.time)" : local.time.withSeconds
        return "\(local.date.weekday.rawValue.capitalized) \(local.date) \(time)"
    }

    // MARK: Parts of a line

    private func instant(_ deed: Story.Deed) throws -> Instant {
        let named = deed.words[0] == "lead" ? deed.words[1] : deed.words[0]
        let zone = leads.first { $0.name == named }?.zone ?? .utc
        return try WrittenInstant("\(deed.date) \(deed.time)").orBroken("line \(deed.number): no time").instant(
            in: zone)
    }

    private func pairs(_ words: ArraySlice<String>) throws -> [(name: String, value: String)] {
        try words.map { word in
            let equals = try word.firstIndex(of: "=").orBroken("not name=value: \(word)")
            return (String(word[..<equals]), String(word[word.index(after: equals)...]))
        }
    }

    private func tell(_ name: String, _ facts: [(String, String)]) throws {
        let summary = try world.importLeads(
            [[name, "\(name)@example.com"] + facts.map(\.1)], columns: ["key", "email"] + facts.map(\.0), into: nil)
        guard summary.refused.isEmpty, summary.warnings.isEmpty else {
            throw Story.Broken(description: "\(summary.refused) \(summary.warnings)")
        }
    }
}

extension [String] {
    fileprivate func third() throws -> String {
        guard count > 2 else { throw Story.Broken(description: "what?") }
        return self[2]
    }
}

extension Optional {
    func orBroken(_ words: String) throws(Story.Broken) -> Wrapped {
        guard let self else { throw Story.Broken(description: words) }
        return self
    }
}
