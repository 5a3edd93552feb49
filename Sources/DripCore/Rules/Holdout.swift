/// The control share of a campaign: who gets nothing of it, so that its effect can be measured.
///
/// The rule: a hash of lead and campaign gives a number below 10,000; a lead whose number is below the share (`10%` is
/// 1,000) is held out. It runs through the calendar like everybody, waits, takes arms, reaches goals and exits; but each
/// step that would send or change something is skipped as `heldOut` when its time comes.
///
/// Edge cases: a raised share adds leads and takes none away; a transactional step is held out too, for the share is of
/// the whole campaign. `0%` holds out nobody.
///
/// Worked example: the hash of ("budi@example.com", "ebook-nurture") gives 734: held out with `holdout: 10%`, not with `5%`.
extension Campaign {
    package func holdsOut(_ lead: Lead) -> Bool {
        guard holdout > 0 else { return false }
        var hash = StableHash("holdout")
        hash.add(lead.key)
        hash.add(id.rawValue)
        return hash.number(below: 10_000) < Int64(holdout)
    }
}

extension Step {
    /// Whether it touches anything beside the enrollment itself.
    var hasEffect: Bool {
        switch action {
        case .email, .http, .sms, .notify: true
        case .inner(.waitFor), .inner(.branch), .inner(.split), .inner(.repetition): false
        case .inner(.set), .inner(.score), .inner(.enrollIn), .inner(.exitFrom), .inner(.handoff): true
        }
    }
}
