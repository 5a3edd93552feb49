/// Whose turn it is among several with weights.
///
/// The rule is smooth weighted round robin: at each turn everybody who can gains its weight, the one with the most
/// takes the turn and pays the sum of all. So weights 3 and 1 give a, a, b, a and not a, a, a, b.
///
/// Edge cases: who cannot (a full or broken transport) neither gains nor pays; equal ones take turns in their order.
///
/// Source: the upstream balancer of nginx (2012), there called `smooth weighted round-robin`.
package struct Turns: Hashable, Sendable {
    private var credits: [Int: Int] = [:]

    package init() {}

    /// The number of the one whose turn it is; nil where there is nobody.
    package mutating func next(among weights: [(number: Int, weight: Int)]) -> Int? {
        guard weights.count > 1 else { return weights.first?.number }
        var best: (number: Int, credit: Int)?
        for one in weights {
            let credit = (credits[one.number] ?? 0) + one.weight
            credits[one.number] = credit
            if best.map({ credit > $0.credit }) ?? true { best = (one.number, credit) }
        }
        if let best { credits[best.number] = best.credit - weights.reduce(0) { $0 + $1.weight } }
        return best?.number
    }
}
