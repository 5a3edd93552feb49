package import DripCore
import DripTesting

/// Throws of one seed: what a scenario is made of.
package struct Dice: Sendable {
    private var random: SplitMix64

    package init(seed: UInt64) {
        random = SplitMix64(seed: seed)
    }

    /// A number in `0..<bound`; 0 where there is no other.
    package mutating func below(_ bound: Int) -> Int {
        bound > 1 ? Int(random.next().multipliedFullWidth(by: UInt64(bound)).high) : 0
    }

    /// A number in `low...high`.
    package mutating func number(_ low: Int, _ high: Int) -> Int { low + below(high - low + 1) }

    package mutating func chance(_ percent: Int) -> Bool { below(100) < percent }

    package mutating func pick<Item>(_ first: Item, _ others: Item...) -> Item {
        let index = below(others.count + 1)
        return index == 0 ? first : others[index - 1]
    }

    package mutating func pick<Item>(from items: [Item]) -> Item? { items.isEmpty ? nil : items[below(items.count)] }

    /// A length of time in `low...high`, whole milliseconds.
    package mutating func span(_ low: TimeSpan, _ high: TimeSpan) -> TimeSpan {
        low + .milliseconds(Int64(below(Int((high - low).milliseconds) + 1)))
    }

    /// Dice of their own for one part of a scenario, so that a change in another part does not reach it.
    package mutating func apart() -> Dice { Dice(seed: random.next()) }
}

/// What chance does to one thing that happens: a hash of its name, so that taking something else out of a history does
/// not change it.
package struct Fate: Sendable {
    private var hash: StableHash

    package init(seed: UInt64, _ name: String) {
        hash = StableHash(name)
        hash.add(Int64(bitPattern: seed))
    }

    /// A number in `0..<bound`, its own for each question.
    package func below(_ bound: Int, _ question: String) -> Int {
        var hash = hash
        hash.add(question)
        return Int(hash.number(below: Int64(bound)))
    }

    package func chance(perMille: Int, _ question: String) -> Bool { below(1_000, question) < perMille }
}
