import DripCampaigns
import Testing

@Suite struct FileTreeTests {
    @Test func holdsWhatItIsGiven() {
        #expect(FileTree(files: ["policy.yaml": [1]]).files["policy.yaml"] == [1])
    }
}
