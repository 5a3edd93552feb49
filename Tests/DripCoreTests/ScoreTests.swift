import DripCore
import Foundation
import Testing

@Suite struct ScoreTests {
    private let monday = Instant("2026-11-02T02:00:00Z") ?? .epoch

    private func clicks(_ days: [Int]) -> EventHistory {
        var history = EventHistory()
        for day in days { history.add(EventName(rawValue: "clicked"), .init(at: monday + .days(Int64(day)))) }
        return history
    }

    private func score(_ scoring: Scoring, _ history: EventHistory, on day: Int, _ facts: [String: String] = [:])
        -> Score
    {
        var asked = asked(facts.mapValues(AttributeValue.text), at: monday + .days(Int64(day)))
        asked.lead.history = history
        return scoring.score(of: asked)
    }

    private func clicked(
        _ points: Int, once: Bool = false, cap: Int? = nil, halfLife: Int? = 30, group: String? = nil
    ) -> Scoring.EngagementRule {
        .init(
            name: "clicked", event: EventName(rawValue: "clicked"), points: points, countsOnce: once, most: cap,
            halfLife: halfLife.map(HalfLife.init), group: group)
    }

    @Test func theWorkedExample() {
        let scoring = Scoring(engagement: [clicked(5, cap: 12)])
        #expect("\(score(scoring, clicks([0, 0, 0]), on: 0).total)" == "12")
        #expect("\(score(scoring, clicks([0, 0, 0]), on: 30).total)" == "7.5")
    }

    @Test(arguments: [
        ([Int](), 0, "0"), ([0], 0, "5"), ([0, 30], 30, "7.5"), ([0, 30], 60, "3.75"), ([5], 0, "5"),
        (Array(repeating: 0, count: 100), 0, "320"),
    ])
    func each(days: [Int], on day: Int, total: String) {
        #expect("\(score(Scoring(engagement: [clicked(5)]), clicks(days), on: day).total)" == total)
    }

    @Test func onceIsTheLast() {
        let scoring = Scoring(engagement: [clicked(8, once: true)])
        #expect("\(score(scoring, clicks([0, 30]), on: 30).total)" == "8")
        #expect("\(score(scoring, clicks([0, 30]), on: 60).total)" == "4")
    }

    @Test func fitFollowsTheFactsOfNow() {
        let rule = Scoring.FitRule(
            name: "size", condition: .attribute("employees", .atLeast(50)), points: 20, group: "company")
        let other = Scoring.FitRule(
            name: "bank", condition: .attribute("industry", .isOneOf([.text("bank")])), points: 15, group: "company")
        let scoring = Scoring(fit: [rule, other], groups: ["company": 30])
        #expect(score(scoring, EventHistory(), on: 0).fit == .zero)
        #expect(score(scoring, EventHistory(), on: 0, ["employees": "50"]).fit == Points(20))
        let both = score(scoring, EventHistory(), on: 0, ["employees": "60", "industry": "Bank"])
        #expect(both.fit == Points(30) && both.engagement == .zero)
        #expect(both.cuts.map { "\($0.group): \($0.sum) → \($0.points)" } == ["company: 35 → 30"])
        #expect(both.lines.map(\.rule) == ["size", "bank"])
    }

    @Test func capsHoldBelowZeroToo() {
        let scoring = Scoring(engagement: [clicked(-9, cap: 20)])
        #expect("\(score(scoring, clicks([0, 0, 0]), on: 0).total)" == "-20")
    }

    @Test func everyPointIsExplained() {
        var history = clicks([0, 30])
        history.add(
            .scored,
            .init(at: monday, step: .init(CampaignID(rawValue: "c"), StepID(rawValue: "s")), keys: ["points": "7"]))
        let scored = score(Scoring(engagement: [clicked(5)], halfLife: HalfLife(days: 30)), history, on: 30)
        #expect(scored.lines.map(\.rule) == ["clicked", Scoring.stepsLine])
        #expect(scored.lines[0].parts.map(\.worth.description) == ["2.5", "5"])
        #expect(scored.lines[1].parts.map(\.gave) == [7] && scored.lines[1].parts[0].step?.step.rawValue == "s")
        #expect(scored.lines.reduce(Points.zero) { $0 + $1.points } == scored.total)
    }

    /// `Judges/scores.py` calculates them by decimal arithmetic, from the same rules.
    @Test func tenThousandHistoriesAreExact() throws {
        var (scoring, facts) = (Scoring(), asked())
        var judged = 0
        for line in try judge(histories: 10_000, seed: 7).split(separator: "\n") {
            let words = line.split(separator: " ").map(String.init)
            func number(_ index: Int) -> Int { Int(words[index]) ?? .min }
            func name(_ index: Int) -> String? { words[index] == "-" ? nil : words[index] }
            func halfLife(_ index: Int) -> HalfLife? { number(index) == 0 ? nil : HalfLife(days: number(index)) }
            switch words[0] {
            case "H": (scoring, facts) = (Scoring(halfLife: halfLife(1)), asked())
            case "G": scoring.groups[words[1]] = number(2)
            case "F":
                let attribute = "a\(scoring.fit.count)"
                if words[3] == "1" { facts.lead.attributes[attribute] = .text("yes") }
                scoring.fit.append(
                    .init(
                        name: attribute, condition: .attribute(attribute, .exists(true)), points: number(1),
                        group: name(2)))
            case "E":
                scoring.engagement.append(
                    .init(
                        name: "\(scoring.engagement.count)", event: EventName(rawValue: words[1]), points: number(2),
                        countsOnce: words[3] == "1", most: number(4) == 0 ? nil : number(4), halfLife: halfLife(5),
                        group: name(6)))
            case "O":
                facts.lead.history.add(
                    EventName(rawValue: words[1]),
                    .init(
                        at: Instant(milliseconds: Int64(number(2))), keys: number(3) == 0 ? [:] : ["points": words[3]]))
            default:
                facts.at = Instant(milliseconds: Int64(number(1)))
                let score = scoring.score(of: facts)
                #expect(score.fit.thousandths == number(2), "\(line): \(scoring)")
                #expect(score.engagement.thousandths == number(3), "\(line): \(scoring)")
                judged += 1
            }
        }
        #expect(judged == 30_000)
    }

    private func judge(histories: Int, seed: Int) throws -> String {
        let script = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent(
            "Judges/scores.py")
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["python3", script.path, "\(histories)", "\(seed)"]
        let output = Pipe()
        process.standardOutput = output
        try process.run()
        let data = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else {
            throw Missing(
                what: "Judges/scores.py failed: these tests need python3, 3.9 or newer, as the judge of scores")
        }
        return String(decoding: data, as: UTF8.self)
    }
}
