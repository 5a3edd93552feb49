import DripCore

/// What a weekly digest adds to a scenario: a policy that mails it, and in the end one that does not, so that the history ends.
///
/// Its dice are its own: what a seed was before it, it is still where none of this is thrown.
struct DigestGenerator {
    var dice: Dice

    init(seed: UInt64) {
        dice = Dice(seed: seed ^ 0xD16E_0000_5EED_0001)
    }

    /// Tests and the table of mutants know seeds of before by number: those draw no digests.
    private static let firstFree: UInt64 = 4_000

    mutating func enrich(_ scenario: inout Scenario) {
        // Of several versions the last may hold edits that nobody has seen yet: this one takes the digest out, and nothing else.
        guard scenario.seed >= Self.firstFree, !scenario.isPlain, !scenario.isCalm, scenario.folders.count == 1,
            dice.chance(40)
        else { return }
        let last = scenario.folders[0]
        scenario.folders[0].policy.digest = DigestPlan(
            recipients: dice.pick(["ani@rumpun.example"], ["ani@rumpun.example", "budi@rumpun.example"]),
            day: dice.pick(from: Weekday.allCases) ?? .monday, at: LocalTime(secondOfDay: 900 * dice.below(96)))
        if dice.chance(40) {
            let at = scenario.startsAt + dice.span(.zero, scenario.faultsEndAt - scenario.startsAt)
            scenario.add(.pause(.everything), at: at)
            scenario.add(.resume(.everything), at: min(at + dice.span(.hours(1), .days(9)), scenario.faultsEndAt))
            scenario.add(.resume(.everything), at: scenario.faultsEndAt + .hours(30))
        }
        scenario.folders.append(last)
        scenario.add(
            .edit(folder: 1, reloads: true), at: scenario.faultsEndAt + .days(Int64(dice.number(11, 25))))
    }
}
