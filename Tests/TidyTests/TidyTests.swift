import Testing

/// This repository, held against its own rules.
@Suite struct TidyTests {
    private func none(_ complaints: [String]) {
        for complaint in complaints { Issue.record("\(complaint)") }
    }

    @Test func everyTargetImportsOnlyWhatItsRoomAllows() throws {
        let files = try Repository.swiftFiles(under: "Sources/")
        #expect(!files.isEmpty, "no sources found below \(Repository.root)")
        none(files.flatMap(TidyRules.imports))
    }

    @Test func pureCodeHasNoClockRandomnessOrConcurrency() throws {
        let pure = try Repository.swiftFiles(under: "Sources/").filter { TidyRules.isPure($0.path) }
        none(pure.flatMap(TidyRules.purity))
    }

    @Test func theCoreKnowsNoFiles() throws {
        none(try Repository.swiftFiles(under: "Sources/DripCore/").flatMap(TidyRules.noInputOrOutput))
    }

    @Test func nothingIsForcedOrLeftUnfinished() throws {
        none(try Repository.swiftFiles(under: "Sources/").flatMap(TidyRules.shortcuts))
        // Samples are the words of others.
        let ours = try Repository.files().filter { $0.path != "LICENSE" && !$0.path.contains("/Samples/") }
        none(ours.flatMap(TidyRules.unfinished))
    }

    @Test func everySilencedCheckHasItsProof() throws {
        none(try Repository.swiftFiles(under: "").flatMap(TidyRules.proofs))
    }

    @Test func noFileOutgrowsItsRoom() throws {
        none(try Repository.swiftFiles(under: "").flatMap(TidyRules.size))
    }

    @Test func namesAreTheWordsOfTheHouse() throws {
        none(try Repository.swiftFiles(under: "Sources/").flatMap(TidyRules.vocabulary))
    }

    @Test func everyRuleIsWrittenDownAndTested() throws {
        none(TidyRules.untested(try Repository.files().map(\.path)))
        none(try Repository.swiftFiles(under: "Sources/DripCore/Rules/").flatMap(TidyRules.opening))
    }

    @Test func theTopLevelHoldsOnlyItsRooms() throws {
        none(TidyRules.topLevel(try Repository.topLevel()))
    }

    @Test func noFileNamesAPathOfOneMachine() throws {
        none(try Repository.files().flatMap { TidyRules.places($0, root: Repository.root) })
    }
}
