package import DripCore

/// What can be asked of changes on their way to CRMs.
package protocol PushReader {
    /// When the next push to a CRM is due; nil where none is on its way that could go.
    func nextPushAt(_ transport: String) throws -> Instant?
    /// Pushes to a CRM that are due, the earliest first; of each lead only the first that it was told last.
    func pushes(to transport: String, dueBy now: Instant, limit: Int) throws -> [Push]
    func push(_ id: PushID) throws -> Push?
    /// What is on its way of a lead, then its dead letters, each by number.
    func pushes(of lead: LeadID, limit: Int) throws -> [Push]
    /// Stands for what a CRM was told of a lead last (`PushedFacts.mark`); nil where it was told of none.
    func told(_ lead: LeadID, to transport: String) throws -> Int64?
    /// Dead letters behind one, by number; of one CRM, or of all.
    func deadLetters(to transport: String?, after: PushID?, limit: Int) throws -> [Push]
    /// How every CRM stands that anything was ever on its way to, by name.
    func pushFigures() throws -> [PushFigures]
}

/// What can be done with them, inside one commit.
package protocol PushWriter {
    /// Puts what a CRM is to be told of a lead behind what waits for it of that lead, and notes what that stands for.
    func tell(_ content: PushContent, of lead: LeadID, to transport: String, mark: Int64, at: Instant) throws -> PushID
    /// Puts a push off after an attempt, which `counts` or not; false where it is on its way no more.
    func retry(_ push: PushID, at due: Instant, counts: Bool, saying said: String, now: Instant) throws -> Bool
    /// A CRM took a push: it goes, and the next of that lead is due; false where it is on its way no more.
    func took(_ push: PushID, now: Instant) throws -> Bool
    /// A push is given up: it is a dead letter, and the next of that lead is due; false where it is on its way no more.
    func bury(_ push: PushID, saying said: String, now: Instant) throws -> Bool
    /// Makes due at `instant` what is due later to a CRM, or to any.
    func bringForward(pushesTo transport: String?, to instant: Instant) throws
    /// Lets go of a dead letter; false where it is none.
    func discard(_ push: PushID) throws -> Bool
    /// Lets go of what waits for a CRM, at most `limit`; answers how many.
    func discardWaiting(for transport: String, limit: Int) throws -> Int
}

/// What is on its way to a CRM, and what never got there.
package struct PushFigures: Hashable, Sendable {
    package var transport: String
    package var waiting: Int
    package var dead: Int
    /// When the oldest change was made that waits.
    package var oldestAt: Instant?

    package init(transport: String, waiting: Int, dead: Int, oldestAt: Instant? = nil) {
        self.transport = transport
        self.waiting = waiting
        self.dead = dead
        self.oldestAt = oldestAt
    }
}
