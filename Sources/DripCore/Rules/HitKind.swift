// Who followed a link, or was shown a message: a person, or a program that looks at mail.
//
// The rule, in this order:
//   machine   a HEAD; no user agent, or one that programs use; Apple's bare `Mozilla/5.0`, which fetches every picture ahead
//   machine   within five seconds of the acceptance: nobody reads that fast, gateways follow every link at once
//   machine   the link that nobody sees, and every other of that message within ten seconds of it
//   machine   the third link of one message within ten seconds: gateways follow all of them
//   unknown   within a minute of the acceptance, or where nobody knows when it was accepted
//   human     everything else
//
// Only a human click or open is an event: conditions, goals and scores see nothing of the others, which are kept with the
// lead's history all the same.
//
// Worked example: a mail is accepted at 09:00:00; a gateway follows its four links at 09:00:02 (machine, each), Budi the first
// at 09:14 from his phone (human).
// Source: the behaviour of Apple Mail Privacy Protection and of mail gateways, as `reliability` lists it.

/// A followed link or a shown picture, as it came in.
package struct TrackedHit: Hashable, Sendable {
    package enum What: String, Sendable {
        case clicked, opened
    }

    package var enrollment: EnrollmentID
    /// The target of the link that nobody sees.
    package static let trap = "the link that nobody sees"

    /// Of the step's name.
    package var stepHash: UInt32
    package var what: What
    /// Where a click led to; empty for an open.
    package var target: String
    package var isHead: Bool
    package var userAgent: String

    package init(
        enrollment: EnrollmentID, stepHash: UInt32, what: What, target: String, isHead: Bool, userAgent: String
    ) {
        self.enrollment = enrollment
        self.stepHash = stepHash
        self.what = what
        self.target = target
        self.isHead = isHead
        self.userAgent = userAgent
    }
}

/// Who it was, as far as anybody can tell.
package enum HitKind: String, Hashable, Sendable, CaseIterable {
    case human, machine, unknown

    /// Words of the agents of programs that look at mail or at the web, in small letters.
    private static let programs = [
        "bot", "crawl", "spider", "scan", "preview", "proofpoint", "barracuda", "mimecast", "symantec", "forcepoint",
        "headless", "python", "curl/", "wget/", "go-http-client", "java/", "okhttp", "libwww", "facebookexternalhit",
    ]

    /// `sinceAccepted` is nil where nobody knows; `othersRecently` are the other links of the message that were followed within
    /// ten seconds, and `isTrapped` says whether the one that nobody sees was among them.
    package static func of(
        _ hit: TrackedHit, sinceAccepted: TimeSpan?, othersRecently: Int, isTrapped: Bool
    ) -> HitKind {
        let agent = hit.userAgent.lowercased()
        if hit.isHead || agent.isEmpty || agent == "mozilla/5.0" || programs.contains(where: agent.contains) {
            return .machine
        }
        if let sinceAccepted, sinceAccepted < .seconds(5) { return .machine }
        if isTrapped || hit.target == TrackedHit.trap || othersRecently >= 2 { return .machine }
        guard let sinceAccepted, sinceAccepted >= .minutes(1) else { return .unknown }
        return .human
    }
}
