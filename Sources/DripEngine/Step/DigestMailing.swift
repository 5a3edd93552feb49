package import DripCore
import DripStore

// How those who get the weekly digest are written to.
//
// The rule: when a digest is due (`DigestTime.swift`), everybody under `report: digest: to` is sent one by a transport of e-mail, with
// its rate, its breaker and its weight. Who has one is noted when it was taken, for everybody alone. What was under way when dripd
// ended goes again under the same Message-ID: at least once. What fails is tried again until two days after its time, and the next
// week's goes as ever; a mailbox that refuses it is passed over for that week. Whoever got nothing of a week stands in the status.
//
// Edge cases: whoever is new under `to` gets the next one that comes due; whoever is taken out and put back is new. Nothing goes while
// everything is paused, in a copy of the state that nobody confirmed, or while no transport of e-mail works. Caps and quiet hours
// are for leads: a digest knows none. A clock that ran ahead is looked at again when it is back.

/// What is known of digests between turns; a restart forgets all of it but what the store has noted.
struct DigestBook: Sendable {
    /// A letter under way.
    struct Flight: Sendable {
        var letter: DigestLetter
        /// The transport it went to, by its number.
        var outlet: Int
    }

    /// Attempts of a letter that failed.
    struct Tries: Hashable, Sendable {
        var until: Instant
        var count: Int
        /// When the first of them ended.
        var since: Instant
        var nextAt: Instant
    }

    var flights: [DigestLetterID: Flight] = [:]
    /// By normalised address.
    var tries: [String: Tries] = [:]
    var lastID: Int64 = 0
    /// Before that, nothing is due to anybody; nil where nobody knows.
    var nextAt: Instant?
    /// By what that was found.
    private var digest: ReportPolicy.Digest?
    private var zone = ""

    /// An instant further off than any digest: the clock was set back since it was found.
    private static let furthest = TimeSpan.days(15)

    /// Forgets when the next is due where the policy says something else by now, or the clock.
    mutating func follow(_ digest: ReportPolicy.Digest?, zone: String, now: Instant) {
        let isTooFar = nextAt.map { $0 < .distantFuture && $0 - now > Self.furthest } ?? false
        if digest != self.digest || zone != self.zone || isTooFar { nextAt = nil }
        (self.digest, self.zone) = (digest, zone)
    }
}

/// A digest for one of those who get it, with all that its mail is made from.
package struct DigestOrder: Sendable {
    package var letter: DigestLetter
    package var report: DigestReport
    package var sender: Policy.Sender
    /// The mail's `Date`.
    package var sentAt: Instant

    package init(letter: DigestLetter, report: DigestReport, sender: Policy.Sender, sentAt: Instant) {
        self.letter = letter
        self.report = report
        self.sender = sender
        self.sentAt = sentAt
    }
}

extension Engine {
    /// Takes the digests that are due now to those who have not got them, as far as the transports have room.
    func fillDigests(now: Instant, in transaction: any StoreTransaction, draft: inout TurnDraft) throws {
        let zone = policyZone
        let digest = programme.policy.report.digest
        draft.digests.follow(digest, zone: zone.name, now: now)
        guard draft.digests.nextAt ?? now <= now, holds[.everything] == nil else { return }
        let noted = try transaction.digestsReported()
        draft.digests.nextAt = .distantFuture
        guard let digest, let mailing = digest.mailing else {
            // Whoever gets it again one day is new then.
            if !noted.isEmpty { try transaction.setDigestsReported([:]) }
            return
        }
        guard let lane = draft.lanes.firstIndex(where: { $0.route == .email && !$0.members.isEmpty }) else { return }
        let time = DigestTime(day: digest.day, at: mailing.at, zone: zone)
        var notes: [String: Instant] = [:]
        var next: Instant?
        var reports: [DigestPeriod: DigestReport] = [:]
        for recipient in mailing.to {
            let name = recipient.normalised
            var until = time.settled(noted[name], now: now)
            notes[name] = until
            // Its end brings the next turn.
            guard !draft.digests.flights.values.contains(where: { $0.letter.recipient.normalised == name }) else {
                continue
            }
            let due = time.next(reportedUntil: until, now: now)
            if noted[name] == until, due.passesOver(since: until) {
                (until, notes[name]) = (due.since, due.since)
                draft.problems.append(Engine.passedOver(recipient, "nothing could go in time", now: now))
            }
            if draft.digests.tries[name]?.until != due.until { draft.digests.tries[name] = nil }
            let dueAt = max(due.dueAt, draft.digests.tries[name]?.nextAt ?? due.dueAt)
            guard dueAt <= now, let outlet = takeOutlet(for: recipient, lane, now: now, draft: &draft) else {
                next = min(next ?? dueAt, dueAt)
                continue
            }
            let report = try reports[due.period] ?? builder(transaction, now: now).report(of: due.period)
            reports[due.period] = report
            draft.digests.lastID += 1
            let letter = DigestLetter(
                id: DigestLetterID(rawValue: draft.digests.lastID), recipient: recipient, due: due)
            draft.digests.flights[letter.id] = DigestBook.Flight(letter: letter, outlet: outlet)
            draft.digestsSent[outlet].append(
                DigestOrder(letter: letter, report: report, sender: programme.policy.sender, sentAt: now))
        }
        draft.digests.tries = draft.digests.tries.filter { notes[$0.key] != nil }
        if notes != noted { try transaction.setDigestsReported(notes) }
        if let next { draft.digests.nextAt = next }
    }

    /// When a digest could go next; nil where only a result or a person brings that.
    func nextDigestAt(now: Instant) -> Instant? {
        guard programme.policy.report.digest?.mailing != nil, holds[.everything] == nil,
            let lane = lanes.first(where: { $0.route == .email && !$0.members.isEmpty }), let next = digests.nextAt,
            next < .distantFuture,
            let opening = creditAt(of: lane, at: now)
        else { return nil }
        return max(next, opening)
    }

    /// Records what became of a letter with a digest.
    func record(
        _ result: AttemptResult, of id: DigestLetterID, now: Instant, in transaction: any StoreTransaction,
        draft: inout TurnDraft
    ) throws {
        guard let flight = draft.digests.flights.removeValue(forKey: id) else {
            draft.logs.append(LogLine(.warning, "a result for no digest", ["digest": "\(id.rawValue)"]))
            return
        }
        draft.outlets[flight.outlet].sending -= 1
        hear(result, ofOutlet: flight.outlet, now: now, draft: &draft)
        draft.digests.nextAt = nil
        let (letter, name) = (flight.letter, flight.letter.recipient.normalised)
        let before = draft.digests.tries[name].flatMap { $0.until == letter.due.until ? $0 : nil }
        let end = PushEnd.of(
            result, attempts: before?.count ?? 0, since: before?.since, channel: .email,
            key: "digest \(name) \(letter.due.until)",
            giveUpAfter: letter.due.dueAt + DigestTime.latest - (before?.since ?? now), now: now)
        switch end {
        case .done, .dead:
            draft.digests.tries[name] = nil
            var notes = try transaction.digestsReported()
            // Nobody's any more where the policy has taken the recipient out meanwhile.
            if let until = notes[name] {
                notes[name] = max(until, letter.due.until)
                try transaction.setDigestsReported(notes)
            }
            guard end == .dead else {
                draft.outlets[flight.outlet].accepted += 1
                return draft.logs.append(
                    LogLine(
                        .info, "the digest went", ["to": letter.recipient.masked, "of": "\(letter.due.period.first)"]))
            }
            // Servers repeat the address in what they say.
            let said = result.text.replacing(letter.recipient.text, with: letter.recipient.masked)
            draft.problems.append(
                Engine.passedOver(letter.recipient, said.replacing(name, with: letter.recipient.masked), now: now))
        case .again(let at):
            draft.digests.tries[name] = DigestBook.Tries(
                until: letter.due.until, count: (before?.count ?? 0) + 1, since: before?.since ?? now, nextAt: at)
        case .putBack:
            break
        }
    }

    /// How the status tells of the digest; nil where nobody gets it.
    var digestView: StatusReport.Digest? {
        guard let mailing = programme.policy.report.digest?.mailing else { return nil }
        return StatusReport.Digest(
            recipients: mailing.to.count, nextAt: digests.nextAt.flatMap { $0 < .distantFuture ? $0 : nil },
            underWay: digests.flights.count)
    }

    /// The problem of somebody who got nothing of a week.
    private static func passedOver(_ recipient: EmailAddress, _ why: String, now: Instant) -> StatusReport.Problem {
        .init(
            at: now, what: "the digest did not go to \(recipient.masked): \(why)",
            mend:
                "Mend the cause, or take the address out of `digest: to` in policy.yaml. `dripd report --digest` shows the last week."
        )
    }

    /// The transport whose turn it is for a letter that goes now; nil where none has room.
    ///
    /// It counts among what goes to the recipient's domain, and waits for no slot of that.
    private func takeOutlet(
        for recipient: EmailAddress, _ lane: Int, now: Instant, draft: inout TurnDraft
    ) -> Int? {
        let today = today(at: now)
        let candidates = working(draft.lanes[lane], draft.outlets, at: now).filter {
            draft.outlets[$0.outlet].credit(at: now, today: today) > 0
        }
        guard !candidates.isEmpty else { return nil }
        let choice = OutletChoice(candidates: candidates, domain: String(recipient.domain), slot: now)
        return take(choice, lane: lane, now: now, draft: &draft)
    }
}
