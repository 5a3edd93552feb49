import DripCore

/// G5: once a do-not-send entry, a goal or an exit is on disk, no mark commits for that mailbox or run.
package struct NoMeansNoChecker: Checker, Sendable {
    package static let guarantee = "G5"
    package private(set) var judged = 0

    private var suppressed: [String: Int] = [:]
    private var over: [Run: Int] = [:]

    package init() {}

    package mutating func hear(_ fact: Fact) -> [String] {
        switch fact.what {
        case .suppressed(let mailbox): suppressed[mailbox] = suppressed[mailbox] ?? fact.step
        case .over(let run): over[run] = over[run] ?? fact.step
        case .marked(let mark):
            judged += 1
            if let mailbox = mark.mailbox, let step = suppressed[mailbox] {
                return ["\(mark.name) was marked in step \(fact.step), \(mailbox) is suppressed since step \(step)"]
            }
            if let step = over[mark.run] {
                return ["\(mark.name) was marked in step \(fact.step), the run is over since step \(step)"]
            }
        default: break
        }
        return []
    }
}
