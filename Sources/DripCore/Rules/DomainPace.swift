/// How fast one transport writes to each recipient domain: mailbox providers refuse who comes too fast.
///
/// The rule: each domain with a rate has a bucket of its own. A message goes when that has a token and nobody waits for
/// one; otherwise it is put off to the next free slot, one message's time behind the last slot that was given away, and
/// goes then if there is a token (`rateLimited`). So thousands for one provider are decided once and spread out in
/// the store, and hold up nobody of another domain.
///
/// Edge cases: a domain without a rate of its own takes that of `others`, and none where there is none. A slot that
/// nobody used (the lead unsubscribed meanwhile) is lost. After a restart no slots are known: whoever comes then may go
/// before those that have one, never faster than the rate. Domains whose bucket is full are forgotten.
///
/// Worked example: gmail.com at 20 per 1m, 100 leads due at 09:00: one goes, the others at 09:00:03, 09:00:06, … 09:04:57.
package struct DomainPace: Hashable, Sendable {
    /// What `rate_per_domain` says.
    package struct Rates: Hashable, Sendable {
        /// By the domain in lower case.
        package var byDomain: [String: SendRate]
        package var others: SendRate?

        package init(byDomain: [String: SendRate] = [:], others: SendRate? = nil) {
            self.byDomain = byDomain
            self.others = others
        }

        func rate(of domain: String) -> SendRate? { byDomain[domain] ?? others }
    }

    private struct Entry: Hashable {
        var bucket: TokenBucket
        /// The first slot that nobody has.
        var nextSlot: Instant
    }

    /// More domains than these are kept only while they wait.
    private static let plenty = 10_000

    private let rates: Rates
    private var entries: [String: Entry] = [:]

    package init(_ rates: Rates) {
        self.rates = rates
    }

    /// When a message to that domain may go; `now` or earlier is now.
    ///
    /// `hasSlot` says that it waited for its slot, which has come.
    package func slot(for domain: String, hasSlot: Bool, at now: Instant) -> Instant {
        guard rates.rate(of: domain) != nil, let entry = entries[domain] else { return now }
        if entry.bucket.tokens(at: now) > 0, hasSlot || entry.nextSlot <= now { return now }
        return max(entry.nextSlot, entry.bucket.nextTokenAt(now))
    }

    /// Gives a slot away that `slot` named.
    package mutating func reserve(_ slot: Instant, for domain: String, at now: Instant) {
        guard let rate = rates.rate(of: domain) else { return }
        entries[domain, default: Entry(bucket: TokenBucket(rate, at: now), nextSlot: now)].nextSlot = rate.nextSlot(
            after: slot)
    }

    /// Takes the slots along that were given away by a clock which has stepped back.
    package mutating func clockStepped(from before: Instant, to now: Instant) {
        for domain in entries.keys {
            entries[domain]?.bucket.clockStepped(to: now)
            if let slot = entries[domain]?.nextSlot { entries[domain]?.nextSlot = slot - max(.zero, before - now) }
        }
    }

    /// Notes that a message goes to that domain now.
    package mutating func take(_ domain: String, at now: Instant) {
        guard let rate = rates.rate(of: domain) else { return }
        if entries.count >= Self.plenty {
            entries = entries.filter { !$0.value.bucket.isFull(at: now) || $0.value.nextSlot > now }
        }
        entries[domain, default: Entry(bucket: TokenBucket(rate, at: now), nextSlot: now)].bucket.take(at: now)
    }
}
