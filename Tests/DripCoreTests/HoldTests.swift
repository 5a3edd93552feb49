import DripCore
import Testing

@Suite struct HoldTests {
    @Test(arguments: [
        ("everything", PauseTarget.hold(.everything)),
        ("campaign ebook-nurture", .hold(.campaign(CampaignID(rawValue: "ebook-nurture")))),
        ("transport relay", .hold(.transport("relay"))), ("lead budi@example.com", .lead("budi@example.com")),
        ("lead crm 4711", .lead("crm 4711")),
    ])
    func targetsAreWrittenAsTheyAreSaid(text: String, target: PauseTarget) {
        #expect(PauseTarget(rawValue: text) == target)
        #expect(target.rawValue == text)
    }

    @Test(arguments: ["", "everything else", "campaign", "transport", "all", "lead"])
    func otherWordsNameNothing(text: String) {
        #expect(PauseTarget(rawValue: text) == nil)
    }
}
