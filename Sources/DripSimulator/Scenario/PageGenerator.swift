import DripCore

/// What people do on the page behind the link in their messages, above all races of an unsubscribe against a send.
///
/// Its dice are its own: what a seed was before it, it is still where none of this is thrown.
struct PageGenerator {
    var dice: Dice

    init(seed: UInt64) {
        dice = Dice(seed: seed ^ 0x9A6E_0000_5EED_0001)
    }

    /// In milliseconds from the instant at which a message is due: before it, in it, between its mark and its answer, after.
    private static let offsets: [Int64] = [-1_000, -1, 0, 1, 15, 120, 1_000]

    mutating func enrich(_ scenario: inout Scenario) {
        guard !scenario.isPlain, !scenario.isCalm, dice.chance(30) else { return }
        for _ in 0..<dice.number(1, 6) {
            let span = TimeSpan.milliseconds(dice.pick(from: Self.offsets) ?? 0)
            let crash: CrashPoint? = dice.chance(20) ? .commit(dice.below(3), durable: dice.chance(50)) : nil
            let race = PagePlan(
                deed: .unsubscribe, moment: dice.chance(30) ? .retry(span) : .due(span), crash: crash,
                pick: dice.below(1_000))
            scenario.add(.pageOfSome(race), &dice)
        }
        for _ in 0..<dice.number(0, 3) {
            let wanted = Set(PolicyPlan.topics.filter { _ in dice.chance(50) })
            let deed: PagePlan.Deed = dice.pick(.subscribe, .subscribe, .choose(wanted: wanted))
            scenario.add(.pageOfSome(PagePlan(deed: deed, pick: dice.below(1_000))), &dice)
        }
        // Without another attempt there is none to race against.
        if dice.chance(50) { scenario.temper.transient = max(scenario.temper.transient, 300) }
    }
}
