import DripCore
import Testing

@Suite struct TurnsTests {
    private func turns(_ weights: [Int], _ count: Int) -> [Int] {
        var turns = Turns()
        let all = weights.enumerated().map { (number: $0.offset, weight: $0.element) }
        return (0..<count).compactMap { _ in turns.next(among: all) }
    }

    @Test(arguments: [
        ([1], [0, 0, 0, 0]), ([1, 1], [0, 1, 0, 1]), ([3, 1], [0, 0, 1, 0]), ([5, 1, 1], [0, 0, 1, 0, 2, 0, 0]),
        ([], []),
    ])
    func weightsAreSpreadOut(weights: [Int], expected: [Int]) {
        #expect(turns(weights, expected.count) == expected)
    }

    @Test func whoCannotNeitherGainsNorPays() {
        var turns = Turns()
        let both = [(number: 0, weight: 1), (number: 1, weight: 1)]
        #expect(turns.next(among: both) == 0)
        for _ in 0..<9 { #expect(turns.next(among: [(number: 0, weight: 1)]) == 0) }
        #expect(turns.next(among: both) == 1)
    }
}
