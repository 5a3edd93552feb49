import DripCore

/// What a CRM that hears of leads adds to a scenario: its transport, which leads it is told of, how it misbehaves, and people who tell
/// it anew.
///
/// Its dice are its own: what a seed was before it, it is still where none of this is thrown. Every version of the files names it.
struct CRMGenerator {
    var dice: Dice

    init(seed: UInt64) {
        dice = Dice(seed: seed ^ 0xC23A_0000_5EED_0001)
    }

    /// Tests and the table of mutants know seeds of before by number: those draw no CRM.
    private static let firstFree: UInt64 = 3_000

    mutating func enrich(_ scenario: inout Scenario) {
        guard scenario.seed >= Self.firstFree, scenario.hasStages, dice.chance(45) else { return }
        let stages = dice.pick([], ["mql", "sql", "customer"], ["sql"])
        let plan = CRMPlan(
            stages: stages, watched: dice.chance(30) ? ["stage", "tier"] : [],
            giveUpAfter: dice.pick(.hours(1), .hours(12), .days(3)), tellsHistory: dice.chance(30),
            temper: temper())
        for index in scenario.folders.indices { scenario.folders[index].scoring?.crm = plan }
        scenario.transports.append(
            TransportPlan(name: CRMPlan.transport, channel: .http, inFlight: dice.pick(1, 2, 4, 20)))
        for _ in 0..<dice.below(3) { scenario.add(.tellCRM(dice.pick(.push, .replay)), &dice) }
        guard dice.chance(25) else { return }
        let pause = Pause.transport(CRMPlan.transport)
        scenario.add(.pause(pause), &dice)
        scenario.add(.resume(pause), &dice)
        scenario.add(.resume(pause), at: scenario.faultsEndAt + .hours(30))
    }

    private mutating func temper() -> Temper {
        var temper = Temper.calm
        guard dice.chance(75) else { return temper }
        temper.transient = dice.pick(0, 100, 500)
        temper.permanent = dice.pick(0, 0, 100)
        temper.unknown = dice.pick(0, 50, 250)
        temper.transportFault = dice.pick(0, 0, 50)
        temper.slow = dice.pick(0, 100)
        return temper
    }
}
