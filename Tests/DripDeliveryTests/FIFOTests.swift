import Testing

@testable import DripDelivery

@Suite struct FIFOTests {
    /// The same as an array, for any order of operations.
    @Test(arguments: 0..<50 as Range<UInt64>) func behavesLikeAnArray(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        var queue = FIFO<Int>()
        var model: [Int] = []
        for step in 0..<500 {
            switch Int.random(in: 0..<10, using: &random) {
            case 0..<3:
                let more = (0..<Int.random(in: 0..<9, using: &random)).map { $0 + step * 10 }
                queue.append(contentsOf: more)
                model += more
            case 3:
                queue.prepend(-step)
                model.insert(-step, at: 0)
            case 4 where step % 50 == 0:
                #expect(queue.removeAll() == model, "seed \(seed)")
                model = []
            default: #expect(queue.popFirst() == (model.isEmpty ? nil : model.removeFirst()), "seed \(seed)")
            }
            #expect(queue.count == model.count && queue.isEmpty == model.isEmpty, "seed \(seed)")
        }
    }
}
