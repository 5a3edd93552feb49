/// How much goes through a transport, and when another one is taken in its place.
package struct TransportTraffic: Hashable, Sendable {
    /// Its share of the channel's messages beside others (`Turns.swift`); 0 is a stand-in, which only others name as
    /// their fallback.
    package var weight: Int
    /// The transport that takes its messages while it is paused.
    package var fallback: String?
    package var rate: SendRate?
    package var ratePerDomain: DomainPace.Rates?
    package var warmUp: WarmUp?

    package init(
        weight: Int = 1, fallback: String? = nil, rate: SendRate? = nil, ratePerDomain: DomainPace.Rates? = nil,
        warmUp: WarmUp? = nil
    ) {
        self.weight = weight
        self.fallback = fallback
        self.rate = rate
        self.ratePerDomain = ratePerDomain
        self.warmUp = warmUp
    }
}
