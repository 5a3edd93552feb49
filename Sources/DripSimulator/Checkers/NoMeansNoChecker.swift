import DripCore

/// G5: once a do-not-send entry, an opt-out, a goal or an exit is on disk, no mark commits for that mailbox or run.
///
/// An unsubscribe and an opt-out leave transactional steps alone.
package struct NoMeansNoChecker: Checker, Sendable {
    package static let guarantee = "G5"
    package private(set) var judged = 0

    private var suppressed: [String: Int] = [:]
    private var unsubscribed: [String: Int] = [:]
    private var optedOut: [String: Set<String>] = [:]
    private var live: FolderPlan?
    private var over: [Run: Int] = [:]

    package init() {}

    package mutating func hear(_ fact: Fact) -> [String] {
        switch fact.what {
        case .live(let folder): live = folder
        case .suppressed(let mailbox, true): suppressed[mailbox] = suppressed[mailbox] ?? fact.step
        case .suppressed(let mailbox, false): unsubscribed[mailbox] = unsubscribed[mailbox] ?? fact.step
        case .optedOut(let mailbox, let topic): optedOut[mailbox, default: []].insert(topic)
        case .over(let run): over[run] = over[run] ?? fact.step
        case .marked(let mark):
            judged += 1
            let campaign = live?.campaigns[mark.run.campaign]
            let isTransactional = campaign?.steps.first { $0.id == mark.step }?.isTransactional ?? false
            if let mailbox = mark.mailbox, let topic = campaign?.topic, !isTransactional,
                optedOut[mailbox, default: []].contains(topic)
            {
                return ["\(mark.name) was marked in step \(fact.step), \(mailbox) has opted out of \(topic)"]
            }
            if let mailbox = mark.mailbox,
                let step = suppressed[mailbox] ?? (isTransactional ? nil : unsubscribed[mailbox])
            {
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
