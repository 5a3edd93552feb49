import DripCore

extension Output {
    /// Where a lead stands, and every rule that gives or takes something.
    static func text(_ standing: Standing) -> String {
        var lines = [
            "  STAGE \(standing.stage.rawValue)" + (standing.since.map { " since \($0)" } ?? "")
                + "; score \(number(standing.score)): fit \(number(standing.fit)), engagement "
                + number(standing.engagement)
        ]
        let rows = standing.lines.map { line in
            [
                signed(line.points), line.of, line.rule + (line.group.map { " (\($0))" } ?? ""),
                (line.uncapped.map { ["\(number($0)) without its cap"] } ?? [] + parts(of: line)).joined(
                    separator: "; "),
            ]
        }
        if !rows.isEmpty { lines.append(Terminal.table(rows)) }
        lines += standing.cuts.map {
            "    the group \($0.group) comes to \(number($0.uncapped)), of which \(number($0.points)) count"
        }
        return lines.joined(separator: "\n")
    }

    /// The last of what the lead did, newest first.
    private static func parts(of line: Standing.Line) -> [String] {
        let shown = line.parts.suffix(5).reversed().map { part in
            let about = part.campaign.flatMap { id in part.step.map { " \(id)/\($0)" } } ?? ""
            let left = part.worth == Double(part.gave) ? "" : ", worth \(number(part.worth)) now"
            return "\(part.at)\(about)\(left)"
        }
        return shown + (line.parts.count > 5 ? ["\(line.parts.count - 5) before"] : [])
    }

    private static func signed(_ points: Double) -> String { (points < 0 ? "" : "+") + number(points) }

    private static func number(_ points: Double) -> String {
        Points(thousandths: Int((points * 1_000).rounded())).description
    }
}
